import Directory
import Values
import Web

/// The Tracker's templates, texts and places in the navigation.
enum TrackerPages {
    static let set = PageSet(
        templates: [
            "tracker/home": PackageResources.home_mustache, "tracker/tasks": PackageResources.tasks_mustache,
            "tracker/task": PackageResources.task_mustache, "tracker/new": PackageResources.new_mustache,
            "tracker/reassign": PackageResources.reassign_mustache,
            "tracker/import": PackageResources.import_mustache,
        ], english: PackageResources.en_json, russian: PackageResources.ru_json)

    static func text(_ key: String, _ language: Language, _ values: [String: String] = [:]) -> String {
        set.text(key, language, values)
    }

    static let navigation = [
        NavigationItem(
            title: "tracker.home", path: "/", access: .staff, order: 100, count: TaskPages.waiting),
        NavigationItem(title: "tracker.tasks", path: "/tasks", access: .staff, order: 110),
        NavigationItem(title: "tracker.new", path: "/tasks/new", access: .staff, order: 120),
        NavigationItem(title: "tracker.reassign", path: "/reassign", access: ReassignmentAPI.access, order: 130),
        NavigationItem(title: "tracker.import", path: "/import", access: ImportAPI.access, order: 350),
    ]
}
