extension PageSet {
    /// The kit's own: layout, error page, and the texts of problems that any endpoint may meet. The renderer adds it.
    static func kit() -> PageSet {
        PageSet(
            templates: [
                "kit/layout": PackageResources.layout_mustache, "kit/error": PackageResources.error_mustache,
                "kit/search": PackageResources.search_mustache, "kit/found": PackageResources.found_mustache,
                "kit/count": PackageResources.count_mustache,
                "kit/confirmation": PackageResources.confirmation_mustache,
                "kit/preferences": PackageResources.preferences_mustache,
            ],
            english: PackageResources.en_json, russian: PackageResources.ru_json)
    }
}
