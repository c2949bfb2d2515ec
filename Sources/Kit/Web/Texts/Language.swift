/// A language of the pages.
package enum Language: String, Sendable, CaseIterable {
    case english = "en"
    case russian = "ru"
}
