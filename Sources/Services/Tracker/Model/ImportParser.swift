import Foundation

/// Reads a file of work line by line from pieces of any size (X19). Its position is a few numbers, so it can continue
/// from any record after a crash. A broken line affects only itself: reading continues at the next line.
package struct ImportParser: Sendable {
    /// The longest record, in bytes.
    package static let longest = 64 * 1024

    /// A parser's position between two records.
    package struct Place: Sendable, Hashable {
        /// Bytes of the file before the next record.
        package var offset: Int
        package var line: Int
        /// The position is inside a line that was too long and has been rejected.
        package var skipping: Bool

        package init(offset: Int, line: Int, skipping: Bool = false) {
            self.offset = offset
            self.line = line
            self.skipping = skipping
        }
    }

    private let format: ImportFormat
    package private(set) var place: Place
    /// Bytes of the file: the one at `place.offset` has the index `position`, and earlier ones are already read.
    private var buffer: [UInt8] = []
    private var position = 0
    private var isWhole = false

    package init(_ format: ImportFormat, at place: Place) {
        self.format = format
        self.place = place
    }

    /// Adds the next bytes of the file.
    package mutating func feed(_ bytes: some Collection<UInt8>) {
        if position > 0 {
            buffer.removeFirst(position)
            position = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// Says that there are no more bytes.
    package mutating func finish() {
        isWhole = true
    }

    /// The next line; `nil` if more bytes are needed, or none is left.
    package mutating func next() -> ImportLine? {
        while position < buffer.count {
            if place.skipping {
                guard skipToNextLine() else { return nil }
                continue
            }
            if buffer[position] == ImportFormat.newline {
                advance(to: position + 1)
                continue
            }
            if buffer[position] == UInt8(ascii: "\r"), position + 1 < buffer.count,
                buffer[position + 1] == ImportFormat.newline
            {
                advance(to: position + 2)
                continue
            }
            if format.kind == .csv, let end = endOfEmptyRow() {
                advance(to: end)
                continue
            }
            let line = format.kind == .csv ? nextCSV() : nextJSON()
            if let line { return line }
            if !place.skipping { return nil }
        }
        return nil
    }

    private mutating func advance(to end: Int) {
        place.line += buffer[position..<end].count(where: { $0 == ImportFormat.newline })
        place.offset += end - position
        position = end
    }

    private mutating func skipToNextLine() -> Bool {
        guard let newline = buffer[position...].firstIndex(of: ImportFormat.newline) else {
            advance(to: buffer.count)
            return false
        }
        advance(to: newline + 1)
        place.skipping = false
        return true
    }

    /// Rejects only the line that begins here, and continues at the next one.
    private mutating func reject(_ reason: ImportReject.Reason) -> ImportLine {
        let end = buffer[position...].firstIndex(of: ImportFormat.newline)
        let reject = ImportReject(line: place.line, reason: reason, content: content(to: end ?? buffer.count))
        if let end {
            advance(to: end + 1)
        } else {
            advance(to: buffer.count)
            place.skipping = !isWhole
        }
        return .reject(reject)
    }

    /// The part of the line that a reject shows: its beginning, without the end of line.
    private func content(to end: Int) -> String {
        var bytes = buffer[position..<min(end, position + 500)]
        while let last = bytes.last, last == ImportFormat.newline || last == UInt8(ascii: "\r") { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    // MARK: JSON Lines

    private mutating func nextJSON() -> ImportLine? {
        let end: Int
        if let newline = buffer[position...].firstIndex(of: ImportFormat.newline) {
            end = newline
        } else if isWhole {
            end = buffer.count
        } else {
            return buffer.count - position > Self.longest ? reject(.length) : nil
        }
        guard end - position <= Self.longest else { return reject(.length) }
        let bytes = buffer[position..<end]
        guard String(validating: bytes, as: UTF8.self) != nil else { return reject(.encoding) }
        guard let fields = try? JSONDecoder().decode(ImportJSON.self, from: Data(bytes)).fields else {
            return reject(.json)
        }
        return checked(fields, end: min(end + 1, buffer.count))
    }

    private mutating func checked(_ fields: ImportFields, end: Int) -> ImportLine {
        switch fields.checked(line: place.line) {
        case .success(let work):
            advance(to: end)
            return .work(work)
        case .failure(let failure):
            let reject = ImportReject(line: place.line, reason: failure.reason, content: content(to: end))
            advance(to: end)
            return .reject(reject)
        }
    }

    // MARK: CSV

    /// The end of a row that has only commas, which is how a spreadsheet writes an empty row.
    private func endOfEmptyRow() -> Int? {
        guard buffer[position] == UInt8(ascii: ",") else { return nil }
        var end = buffer[position...].firstIndex { $0 != UInt8(ascii: ",") } ?? buffer.count
        if end < buffer.count, buffer[end] == UInt8(ascii: "\r") { end += 1 }
        guard end < buffer.count else { return isWhole ? end : nil }
        return buffer[end] == ImportFormat.newline ? end + 1 : nil
    }

    private mutating func nextCSV() -> ImportLine? {
        switch scan() {
        case .incomplete:
            guard buffer.count - position > Self.longest else { return nil }
            // If there is an end of line in it, a quotation mark was not closed; otherwise the line is too long.
            let head = buffer[position..<position + Self.longest]
            return reject(head.contains(ImportFormat.newline) ? .quote : .length)
        case .broken:
            return reject(.quote)
        case .record(let fields, let end):
            guard end - position <= Self.longest else { return reject(.length) }
            let count = format.columns.count
            guard fields.count >= count, fields[count...].allSatisfy(\.isEmpty) else { return reject(.columns) }
            var record = ImportFields()
            for (column, bytes) in zip(format.columns, fields) {
                guard let text = String(validating: bytes, as: UTF8.self) else { return reject(.encoding) }
                record.set(column, text)
            }
            return checked(record, end: end)
        }
    }

    private enum Scan {
        case incomplete
        case broken
        case record([[UInt8]], end: Int)
    }

    /// Splits the record that begins here into fields, without moving the position.
    private func scan() -> Scan {
        let quote = UInt8(ascii: "\"")
        let comma = UInt8(ascii: ",")
        var fields: [[UInt8]] = []
        var index = position
        while true {
            var field: [UInt8] = []
            if index < buffer.count, buffer[index] == quote {
                index += 1
                while true {
                    guard index < buffer.count else { return isWhole ? .broken : .incomplete }
                    if buffer[index] != quote {
                        field.append(buffer[index])
                        index += 1
                    } else if index + 1 < buffer.count, buffer[index + 1] == quote {
                        field.append(quote)
                        index += 2
                    } else if index + 1 == buffer.count, !isWhole {
                        return .incomplete
                    } else {
                        index += 1
                        break
                    }
                }
            } else {
                let begin = index
                while index < buffer.count, buffer[index] != comma, buffer[index] != ImportFormat.newline { index += 1 }
                var end = index
                if end < buffer.count || isWhole, end > begin, buffer[end - 1] == UInt8(ascii: "\r"),
                    end == buffer.count || buffer[end] == ImportFormat.newline
                {
                    end -= 1
                }
                field = Array(buffer[begin..<end])
            }
            if index < buffer.count, buffer[index] == UInt8(ascii: "\r") { index += 1 }
            fields.append(field)
            guard index < buffer.count else { return isWhole ? .record(fields, end: index) : .incomplete }
            if buffer[index] == ImportFormat.newline { return .record(fields, end: index + 1) }
            guard buffer[index] == comma else { return .broken }
            index += 1
        }
    }
}

/// A line of JSON Lines. The three texts are required, the other fields are not.
private struct ImportJSON: Decodable {
    let created_at: String
    let created_by: String
    let title: String
    let jira_id: String?
    let description: String?

    var fields: ImportFields {
        ImportFields(
            created_at: created_at, created_by: created_by, title: title, jira_id: jira_id, description: description)
    }
}

extension ImportFields {
    fileprivate mutating func set(_ column: ImportFormat.Column, _ text: String) {
        switch column {
        case .createdAt: created_at = text
        case .createdBy: created_by = text
        case .title: title = text
        case .jiraID: jira_id = text
        case .description: description = text
        }
    }
}
