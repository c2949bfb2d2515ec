import Values

/// A browser's or program's name in words that people recognize: `Firefox, Windows`. It comes from what the browser calls
/// itself, which is only a claim.
enum DeviceName {
    /// The more special names first: others' names stand in them too.
    private static let browsers = [
        ("Edg/", "Edge"), ("EdgA/", "Edge"), ("EdgiOS/", "Edge"), ("OPR/", "Opera"), ("YaBrowser/", "Yandex Browser"),
        ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"),
        ("Chrome/", "Chrome"), ("Safari/", "Safari"),
    ]
    private static let systems = [
        ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
        ("Mac OS X", "macOS"), ("Linux", "Linux"),
    ]

    /// Empty if nothing was said.
    /// - Parameter agent: printable ASCII, as ``Call/agent`` gives it.
    static func of(_ agent: String) -> String {
        let bytes = Array(agent.utf8)
        func name(_ names: [(mark: String, name: String)]) -> String? {
            names.first { bytes.place(of: Array($0.mark.utf8)) != nil }?.name
        }
        if let browser = name(browsers) { return [browser, name(systems)].compactMap(\.self).joined(separator: ", ") }
        // A program: `curl/8.5.0` and what it adds.
        return (agent.words().first ?? "").beginning(60)
    }
}
