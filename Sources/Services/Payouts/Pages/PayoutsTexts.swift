import Values
import Web

/// The templates and texts of Payouts' pages.
enum PayoutsTexts {
    static let pages = PageSet(
        templates: [
            "payouts/destination": PackageResources.destination_mustache,
            "payouts/list": PackageResources.list_mustache,
            "payouts/mine": PackageResources.mine_mustache,
            "payouts/one": PackageResources.one_mustache,
            "payouts/part": PackageResources.part_mustache,
            "payouts/state": PackageResources.state_mustache,
        ],
        english: PackageResources.en_json, russian: PackageResources.ru_json)

    static func text(_ key: String, _ language: Language, _ values: [String: String] = [:]) -> String {
        pages.text(key, language, values)
    }
}
