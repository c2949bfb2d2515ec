/// Parses the texts of settings, one function per form.
package enum SettingText {
    /// A number in digits only, without a sign or a space.
    package static func whole(_ text: String, _ range: ClosedRange<Int>) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text),
            range.contains(number)
        else { return nil }
        return number
    }

    /// Names separated by commas or spaces.
    package static func list(_ text: String) -> [String] {
        text.utf8.split { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: " ") }.compactMap { String($0) }
    }
}
