import Storage
import Values

/// The next lines of a file that is being imported.
struct ImportSlice: Sendable {
    let run: ImportRun
    let work: [ImportedWork]
    let rejects: [ImportReject]
    /// Names in the slice that no known person has; only while people are looked up.
    let unknown: [String]
    let place: ImportParser.Place
    let isLast: Bool

    init(of run: ImportRun, lines: Int, in transaction: any Transaction) throws {
        var parser = ImportParser(run.format, at: run.place)
        var chunk = run.place.offset / StartImport.chunk
        var skip = run.place.offset % StartImport.chunk
        var work: [ImportedWork] = []
        var rejects: [ImportReject] = []
        var isLast = false
        while work.count + rejects.count < lines {
            if let line = parser.next() {
                switch line {
                case .work(let item): work.append(item)
                case .reject(let item): rejects.append(item)
                }
                continue
            }
            guard !isLast else { break }
            let bytes: [UInt8]? = try transaction.value(
                "SELECT bytes FROM import_chunk WHERE import = \(run.position) AND number = \(chunk)")
            if let bytes {
                parser.feed(bytes.dropFirst(skip))
                chunk += 1
                skip = 0
            } else {
                parser.finish()
                isLast = true
            }
        }
        self.run = run
        self.work = work
        self.rejects = rejects
        // A slice that is exactly full may also be the last one; then the next slice is empty and says so.
        self.isLast = isLast && work.count + rejects.count < lines
        place = parser.place
        if run.state == .people {
            let names = Set(work.map(\.createdBy))
            let known = try ImportSlice.people(Array(names), in: transaction)
            unknown = names.filter { known[$0] == nil }.sorted()
        } else {
            unknown = []
        }
    }

    /// The people behind the names, as far as Identity has answered.
    static func people(_ names: [String], in transaction: any Transaction) throws -> [String: ID] {
        let rows = try transaction.fetch(in: Set(names).sorted()) {
            "SELECT name, person FROM import_person WHERE name IN (\(list: $0))"
        }
        var people: [String: ID] = [:]
        for row in rows { people[try row(0)] = try row(1) }
        return people
    }
}
