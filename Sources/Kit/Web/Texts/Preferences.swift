import Values

/// A reader's language and theme, kept in two cookies.
///
/// The language of a request comes from the cookie, else from the best match in `Accept-Language`, else it is English.
/// The theme comes from the cookie, else from the system.
package enum Preferences {
    package static let languageCookie = "popug_lang"
    package static let themeCookie = "popug_theme"

    package static func language(cookie: String?, acceptLanguage: String?) -> Language {
        if let language = cookie.flatMap(Language.init(rawValue:)) { return language }
        var best: (language: Language, quality: Double)?
        for part in (acceptLanguage ?? "").parts(at: ",").prefix(20) {
            let pieces = part.parts(at: ";").map { $0.words().joined() }
            guard let tag = pieces.first, let language = Language(rawValue: tag.beginning(2).lowercased())
            else { continue }
            let quality = pieces.dropFirst().first { $0.begins(with: "q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            if quality > (best?.quality ?? 0) { best = (language, quality) }
        }
        return best?.language ?? .english
    }

    /// `light`, `dark`, or `nil` for the system's.
    package static func theme(cookie: String?) -> String? {
        cookie == "light" || cookie == "dark" ? cookie : nil
    }

    /// `GET /preferences?lang=ru&theme=dark&back=/tasks`: sets the given cookies and redirects back. Any other theme
    /// means the system's.
    package static let endpoint = Endpoint.page(
        "/preferences", "Set the language or the theme of the pages", access: .anyone
    ) { call, _ in
        var answer = Answer.redirect(to: localPath(call.query("back")))
        let year = 31_536_000
        if let language = call.query("lang").flatMap(Language.init(rawValue:)) {
            answer.cookies.append(Cookie(name: languageCookie, value: language.rawValue, maxAge: year))
        }
        if let name = call.query("theme") {
            let theme = theme(cookie: name)
            answer.cookies.append(Cookie(name: themeCookie, value: theme ?? "", maxAge: theme == nil ? 0 : year))
        }
        return answer
    }

    /// The path if it is one of this server's own, else `/`: our redirect must not lead to another site.
    package static func localPath(_ path: String?) -> String {
        guard let path, path.begins(with: "/"), !path.begins(with: "//"), path.utf8.count <= 2000,
            path.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x5C })
        else { return "/" }
        return path
    }
}
