/// How long to wait before trying again, in seconds.
enum Pauses {
    private static let letters: [Int64] = [60, 300, 900, 1800, 3600, 7200, 14_400]
    private static let servers: [Int64] = [5, 15, 30, 60, 120, 300, 600]

    /// How long a letter is tried before it is given up.
    static let patience: Int64 = 5 * 86_400
    /// Who asked for a link does not wait for it longer than this.
    static let patienceOfLinks: Int64 = 3600
    /// For this long after an attempt began, nobody else takes the letter. It is longer than any attempt lasts.
    static let attempt: Int64 = 90
    /// The pause before a person who is not known yet is looked up again.
    static let unknown: Int64 = 60

    /// No pause is longer than this.
    static let longest: Int64 = 14_400

    static func letter(after failures: Int) -> Int64 { letters[min(failures, letters.count - 1)] }
    static func server(after failures: Int) -> Int64 { servers[min(failures, servers.count - 1)] }
}
