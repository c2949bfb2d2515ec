import Hosting
import SQLiteDriver
import ServiceKit
import Storage
import Values

/// Whether a service's database is exactly as its migrations make it (X60): a trigger or a view that an attacker has
/// added would go on working for them, through backups too.
enum SchemaComparison {
    static func check(of service: any Service) -> Check {
        Check("\(service.name): schema") { snapshots, report in
            let transaction = try snapshots.of(service.name)
            let (found, expected) =
                switch transaction.dialect {
                case .sqlite: (try kept(transaction), try made(service))
                case .postgresql: (try actors(transaction), [String: String]())
                }
            report.count("\(service.name): parts of the schema", Int64(found.count))
            for name in Set(found.keys).union(expected.keys).sorted() where found[name] != expected[name] {
                report.problem("\(service.name): schema: " + difference(name, found[name], expected[name]))
            }
        }
    }

    private static func difference(_ name: String, _ found: String?, _ expected: String?) -> String {
        guard let found else { return "\(name) is missing" }
        guard let expected else { return "\(name) is not ours, and does: \(found.beginning(300))" }
        return "\(name) is \(found.beginning(300)); it should be \(expected.beginning(300))"
    }

    /// The schema as the migrations make it, in memory: each part's statement by its kind and name.
    private static func made(_ service: any Service) throws -> [String: String] {
        let database = try SQLiteDatabase.inline(name: service.name)
        defer { database.close() }
        try database.migrate(for: service, now: Instant(milliseconds: 0))
        return try database.read { try kept($0) }
    }

    private static func kept(_ transaction: any Transaction) throws -> [String: String] {
        var parts: [String: String] = [:]
        for row in try transaction.fetch("SELECT type, name, COALESCE(sql, '') FROM sqlite_master") {
            let (kind, name, text): (String, String, String) = (try row(0), try row(1), try row(2))
            // SQLite's own tables, which come and go.
            if name.begins(with: "sqlite_") { continue }
            // Earlier versions broke the lines of some statements differently.
            parts["\(kind) \(name)"] = text.words().joined(separator: " ")
        }
        return parts
    }

    /// PostgreSQL does not keep the statements, but lists what acts by itself (such as triggers): we make none of
    /// these.
    private static func actors(_ transaction: any Transaction) throws -> [String: String] {
        let rows = try transaction.fetch(
            """
            SELECT 'trigger', tgname || ' on ' || tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger
                WHERE NOT tgisinternal
            UNION ALL SELECT 'event trigger', evtname::text, evtevent::text FROM pg_event_trigger
            UNION ALL SELECT 'rule', rulename || ' on ' || tablename, definition FROM pg_rules
                WHERE schemaname = current_schema()
            UNION ALL SELECT 'view', viewname::text, definition FROM pg_views WHERE schemaname = current_schema()
            UNION ALL SELECT 'policy', policyname || ' on ' || tablename, cmd FROM pg_policies
            UNION ALL SELECT 'function', p.proname::text, p.prosrc FROM pg_proc p
                JOIN pg_namespace n ON n.oid = p.pronamespace
                WHERE n.nspname = current_schema() AND NOT EXISTS (
                    SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
            """)
        return Dictionary(
            try rows.map { (try "\($0(0, as: String.self)) \($0(1, as: String.self))", try $0(2)) },
            uniquingKeysWith: { $1 })
    }
}
