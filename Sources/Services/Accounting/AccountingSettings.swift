import ServiceKit
import Values

/// The settings for prices (X20). New ranges apply to tasks created after the change.
enum AccountingSettings {
    static let all: [any SettingDeclaration] = [fee, reward]

    static let fee = range("fee", standard: "10-20", "Range of fees, whole units, both ends included")
    static let reward = range("reward", standard: "20-40", "Range of rewards, whole units, both ends included")

    static func ranges(_ parts: ServiceParts) throws -> PriceRanges {
        let (fee, reward) = (try parts.setting(fee), try parts.setting(reward))
        guard let ranges = PriceRanges(fee: fee, reward: reward) else {
            throw SettingError("fee and reward must be ranges of whole units such as 10-20")
        }
        return ranges
    }

    private static func range(_ name: String, standard: String, _ about: String) -> Setting<ClosedRange<Int64>> {
        Setting(name, standard: standard, about, mustBe: "a range of whole units such as 10-20") { text in
            let ends = text.parts(at: "-").map { SettingText.whole($0, 1...1_000_000) }
            guard ends.count == 2, let low = ends[0], let high = ends[1], low <= high else { return nil }
            return Int64(low)...Int64(high)
        }
    }
}
