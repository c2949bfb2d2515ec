import Values
import Web

/// The templates and texts of Analytics' pages.
enum AnalyticsTexts {
    static let pages = PageSet(
        templates: [
            "analytics/below-zero": PackageResources.below_zero_mustache,
            "analytics/dashboard": PackageResources.dashboard_mustache,
            "analytics/dearest": PackageResources.dearest_mustache,
            "analytics/people": PackageResources.people_mustache,
            "analytics/person": PackageResources.person_mustache,
            "analytics/rebuild": PackageResources.rebuild_mustache,
            "analytics/state": PackageResources.state_mustache,
        ],
        english: PackageResources.en_json, russian: PackageResources.ru_json)

    static func text(_ key: String, _ language: Language, _ values: [String: String] = [:]) -> String {
        pages.text(key, language, values)
    }
}
