import Values

/// A form's fields, from `application/x-www-form-urlencoded` or `multipart/form-data` (RFC 7578) with at most one file.
struct FormBody {
    var fields: [String: String] = [:]
    /// The file's bytes. Its name is in the field `NAME.filename`.
    var file: [UInt8] = []

    /// The limit is 256 KiB: urlencoded text is held in memory several times over. Files are sent as multipart.
    private static let longestText = 256 * 1024
    /// The limit for the headers of one part. The longest thing in them is the file's name.
    private static let longestHead = 8 * 1024
    private static let mostParts = 200

    /// - Throws: 415 for another type, 413 for urlencoded text above 256 KiB, 400 for a body that does not match its
    ///   type.
    init(_ body: [UInt8], contentType: String?) throws {
        let type = contentType ?? ""
        let name = type.before(";").trimmed().lowercased()
        switch name {
        case "application/x-www-form-urlencoded":
            guard body.count <= FormBody.longestText else { throw EndpointRunner.tooLarge(FormBody.longestText) }
            guard let text = String(validating: body, as: UTF8.self) else { throw Problem(400, "web.encoding") }
            fields = try NamedValues(text).last
        case "multipart/form-data":
            guard let boundary = FormBody.parameter("boundary", of: type), (1...70).contains(boundary.utf8.count) else {
                throw Problem(400, "web.encoding")
            }
            try readParts(body, boundary: Array(boundary.utf8))
        case "" where body.isEmpty:
            break
        default:
            throw Problem(415, "web.content-type", values: ["expected": "application/x-www-form-urlencoded"])
        }
    }

    private mutating func readParts(_ body: [UInt8], boundary: [UInt8]) throws {
        let delimiter = Array("--".utf8) + boundary
        let broken = Problem(400, "web.encoding")
        guard var position = body.firstIndex(of: delimiter, from: 0) else { throw broken }
        var files = 0
        var parts = 0
        while true {
            position += delimiter.count
            // "--" after a delimiter ends the body; a line break begins a part.
            if body[from: position].starts(with: Array("--".utf8)) { return }
            guard body[from: position].starts(with: [13, 10]),
                let headEnd = body.firstIndex(
                    of: [13, 10, 13, 10], from: position, within: FormBody.longestHead),
                let end = body.firstIndex(of: [13, 10] + delimiter, from: headEnd + 2), parts < FormBody.mostParts
            else { throw broken }
            parts += 1
            let head = String(decoding: body[position..<headEnd], as: UTF8.self)
            let content = end < headEnd + 4 ? [] : Array(body[(headEnd + 4)..<end])
            guard let disposition = FormBody.header("content-disposition", in: head),
                let name = FormBody.parameter("name", of: disposition)
            else { throw broken }
            if let filename = FormBody.parameter("filename", of: disposition) {
                files += 1
                guard files == 1 else { throw Problem(400, "web.one-file") }
                fields[name + ".filename"] = filename
                file = content
            } else {
                guard let text = String(validating: content, as: UTF8.self), !content.contains(0) else { throw broken }
                fields[name] = text
            }
            position = end + 2
        }
    }

    private static func header(_ name: String, in head: String) -> String? {
        for line in head.parts(at: "\n") {
            let parts = line.parts(at: ":", most: 2)
            if parts.count == 2, parts[0].lowercased() == name { return parts[1].trimmed() }
        }
        return nil
    }

    /// `name="value"` or `name=value` after the first semicolon.
    private static func parameter(_ name: String, of header: String) -> String? {
        // Compared by bytes: a quotation mark ends the value even if a combining mark follows it.
        let (quote, semicolon) = (UInt8(ascii: "\""), UInt8(ascii: ";"))
        var rest = Array(header.utf8)[...]
        while let next = rest.firstIndex(of: semicolon) {
            rest = rest[(next + 1)...].drop { $0 == 0x20 || $0 == 0x09 }
            guard let equals = rest.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            let key = String(decoding: rest[..<equals], as: UTF8.self).lowercased()
            rest = rest[(equals + 1)...]
            let value: ArraySlice<UInt8>
            if rest.first == quote {
                rest = rest.dropFirst()
                guard let end = rest.firstIndex(of: quote) else { return nil }
                value = rest[..<end]
                rest = rest[end...]
            } else {
                value = rest.prefix { $0 != semicolon }
                rest = rest[value.endIndex...]
            }
            if key == name { return String(decoding: value, as: UTF8.self).trimmed() }
        }
        return nil
    }
}

extension [UInt8] {
    fileprivate subscript(from position: Int) -> ArraySlice<UInt8> {
        position < count ? self[position...] : []
    }

    /// The position where `pattern` begins, from `start` to at most `reach` bytes later.
    func firstIndex(of pattern: [UInt8], from start: Int, within reach: Int = .max) -> Int? {
        guard let first = pattern.first, count >= pattern.count, start >= 0 else { return nil }
        return withUnsafeBufferPointer { bytes -> Int? in
            var position = start
            let last = Swift.min(bytes.count - pattern.count, reach < bytes.count ? start + reach : bytes.count)
            while position <= last {
                if bytes[position] == first {
                    var matched = 1
                    while matched < pattern.count, bytes[position + matched] == pattern[matched] { matched += 1 }
                    if matched == pattern.count { return position }
                }
                position += 1
            }
            return nil
        }
    }
}
