/// Reads bytes from the front, and never beyond their end.
struct ByteReader {
    enum Order {
        case big, little
    }

    /// What has not been read.
    private(set) var rest: ArraySlice<UInt8>
    /// The order of the bytes in numbers.
    let order: Order
    /// What is thrown if there are not enough bytes.
    let short: PictureError

    init(_ bytes: ArraySlice<UInt8>, order: Order = .big, short: PictureError) {
        (rest, self.order, self.short) = (bytes, order, short)
    }

    var isEmpty: Bool { rest.isEmpty }

    mutating func take(_ count: Int) throws(PictureError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= rest.count else { throw short }
        let taken = rest.prefix(count)
        rest = rest.dropFirst(count)
        return taken
    }

    /// A number of at most four bytes, without a sign.
    mutating func number(_ count: Int) throws(PictureError) -> Int {
        let bytes = try take(count)
        switch order {
        case .big: return bytes.reduce(0) { $0 << 8 | Int($1) }
        case .little: return bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
        }
    }

    /// A number as so many bytes; what does not fit is cut off.
    static func bytes(_ number: Int, _ count: Int, order: Order = .big) -> [UInt8] {
        let little = (0..<count).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
        return order == .little ? little : Array(little.reversed())
    }
}
