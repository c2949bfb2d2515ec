/// The program's version.
package enum Version {
    package static let text = "0.9.0"

    /// Whether one version is newer than another, compared number by number: `0.10.0` is newer than `0.9.1`.
    package static func isNewer(_ version: String, than other: String) -> Bool {
        let (left, right) = (numbers(version), numbers(other))
        for index in 0..<max(left.count, right.count) {
            let (one, two) = (index < left.count ? left[index] : 0, index < right.count ? right[index] : 0)
            if one != two { return one > two }
        }
        return false
    }

    private static func numbers(_ version: String) -> [Int] {
        version.prefix { $0 != "-" && $0 != "+" }.split(separator: ".").map { Int($0) ?? 0 }
    }
}
