import Foundation
import Values
import Web

/// The templates and texts of Payouts' pages.
enum PayoutsTexts {
    static let pages = PageSet(
        templates: [
            "payouts/destination": text(PackageResources.destination_mustache),
            "payouts/list": text(PackageResources.list_mustache),
            "payouts/mine": text(PackageResources.mine_mustache),
            "payouts/one": text(PackageResources.one_mustache),
            "payouts/part": text(PackageResources.part_mustache),
            "payouts/state": text(PackageResources.state_mustache),
        ],
        texts: texts)

    private static let texts: [Language: [String: String]] = [
        .english: catalogue(PackageResources.en_json), .russian: catalogue(PackageResources.ru_json),
    ]

    /// A text with its places filled, for what a template cannot say by itself.
    static func text(_ key: String, _ language: Language, _ values: [String: String] = [:]) -> String {
        var text = texts[language]?[key] ?? key
        for (name, value) in values { text = text.replacing("{{\(name)}}", with: value) }
        return text
    }

    private static func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    /// A file that cannot be read gives no texts; the renderer then says at the start which are missing.
    private static func catalogue(_ bytes: [UInt8]) -> [String: String] {
        (try? JSONDecoder().decode([String: String].self, from: Data(bytes))) ?? [:]
    }
}
