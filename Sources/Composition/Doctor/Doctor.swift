import CrackDriver
import Foundation
import HTTPDriver
import SQLiteDriver
import ServiceKit
import Storage
import Values
import Web

/// Checks an installation without changing anything: what could keep it from working, now or soon, and what to do.
/// `verify` checks whether the books are right; this checks everything that they depend on.
package struct Doctor {
    let settings: Settings
    let environment: Values.Environment
    let folder: String

    package init(_ settings: Settings, environment: Values.Environment = .live()) {
        self.settings = settings
        self.environment = environment
        folder = settings.folder
    }

    /// - Parameter server: the running server, if there is one.
    package func examine(server: (any ProgramConnection)?) async -> [Diagnosis] {
        var found = [program(), passwords()] + configuration() + codes() + [address()] + proxies() + [ownership()]
        found += rights() + [disk(), secret(), clock(), files(), locale()]
        found += databases()
        found += [lastBackup(), mail(), companyAccount(), provider()]
        found.append(await state(of: server))
        return found
    }

    // MARK: The program and its settings

    private func program() -> Diagnosis {
        .fine("program", "popug \(Version.text), SQLite \(SQLiteDatabase.library)")
    }

    private func passwords() -> Diagnosis {
        guard GuessedPasswords.areKnown else {
            return .warning(
                "passwords", "the dictionary of passwords that are guessed first cannot be read: all of them are taken",
                "Install the package cracklib-runtime, or run update-cracklib.")
        }
        return .fine("passwords", "those that are guessed first are refused")
    }

    /// Events without a code may come only while an upgrade is under way.
    private func codes() -> [Diagnosis] {
        guard (try? settings.value(of: Settings.house.eventCodes)) == true else { return [] }
        return [
            .warning(
                "events", "event-codes is optional: whoever can write to the log or a journal can pay themselves",
                "Take it away once no process of a version before 0.5.0 runs.")
        ]
    }

    /// Checks every setting separately, so that all wrong ones are named and not only the first. The secret, mail, the
    /// identity provider and the payment provider have lines of their own.
    private func configuration() -> [Diagnosis] {
        let problems = Settings.declared.compactMap { setting -> Diagnosis? in
            let hasLine = setting.lines.contains { line in
                line.name == "secret" || line.name.hasPrefix("mail-") || line.name.hasPrefix("provider")
                    || line.name.hasPrefix("openid-")
            }
            guard !hasLine else { return nil }
            do {
                try settings.check(setting)
                return nil
            } catch {
                return .wrong("configuration", "\(error)", "Mend \(folder)/\(DataFolder.configurationName).")
            }
        }
        guard problems.isEmpty else { return problems }
        let company = settings.find("company")?.value ?? ""
        let zone = settings.find("time-zone")?.value ?? ""
        return [.fine("configuration", "\(company), \(settings.find("currency")?.value ?? ""), \(zone)")]
    }

    private func address() -> Diagnosis {
        let address = settings.find("public-address")?.value ?? ""
        guard let host = try? settings.value(of: Settings.house.listen).host else { return .fine("address", address) }
        if !NetworkAddress.isHere(host) {
            return .warning(
                "address", "the server listens on \(host), without encryption",
                "Let it listen on 127.0.0.1 and put a TLS proxy before it.")
        }
        let isTry = address.contains("://localhost") || address.contains("://127.")
        if address.hasPrefix("http://"), !isTry {
            return .warning(
                "address", "people reach it over \(address), unencrypted",
                "Use https behind a TLS proxy, and say so in public-address.")
        }
        return .fine("address", address)
    }

    /// Popug itself does not speak TLS: if people use it, a proxy does.
    private func proxies() -> [Diagnosis] {
        guard settings.find("public-address")?.value.hasPrefix("https://") == true,
            (try? settings.trustedProxies())?.isEmpty == true
        else { return [] }
        return [
            .warning(
                "proxies", "people come through a TLS proxy, and trusted-proxies names none",
                "Set trusted-proxies to its address, such as 127.0.0.1. Until then everybody has that one address, and "
                    + "who guesses passwords holds up all.")
        ]
    }

    // MARK: The folder

    private func ownership() -> Diagnosis {
        var status = stat()
        guard stat(folder, &status) == 0 else {
            let reason = String(cString: strerror(errno))
            return .wrong("folder", "\(folder) cannot be read: \(reason)", "Run this as the folder's owner.")
        }
        do {
            try DataFolder.checkSocket(of: folder)
        } catch {
            return .wrong("folder", "\(error)", "Move it: mv \(folder) /srv/popug")
        }
        if status.st_uid != getuid() {
            return .warning(
                "folder", "\(folder) belongs to user \(status.st_uid), and you are \(getuid())",
                "Run popug as the folder's owner; files made by others cannot be written by the server.")
        }
        if access(folder, W_OK | X_OK) != 0 {
            return .wrong("folder", "\(folder) cannot be written", "Give its owner the right to write in it.")
        }
        if status.st_mode & 0o077 != 0 {
            return .warning(
                "folder", "\(folder) is open to others on this machine", "chmod 700 \(folder)")
        }
        return .fine("folder", "\(folder), its owner's only")
    }

    /// Files that hold a secret and that others can read.
    private func rights() -> [Diagnosis] {
        let backups = folder + "/" + DataFolder.backupsName
        let copies = ((try? FileManager.default.contentsOfDirectory(atPath: backups)) ?? []).map { backups + "/" + $0 }
        let open = (DataFolder.keyNames.map { folder + "/" + $0 } + copies).filter { path in
            var status = stat()
            return stat(path, &status) == 0 && status.st_mode & 0o077 != 0
        }
        return open.prefix(5).map { .wrong("rights", "others may read \($0)", "chmod 600 \($0)") }
    }

    private func disk() -> Diagnosis {
        guard let room = DataFolder.room(in: folder) else {
            return .warning("disk", "the disk cannot be asked", "Look at it with df.")
        }
        let used = DataFolder.databaseNames.reduce(Int64(0)) { $0 + size($1) }
        let text = "\(Terminal.size(room)) free, \(Terminal.size(used)) used by the databases"
        let todo = "Make room: a full disk refuses every change until there is some."
        if room < 64 << 20 { return .wrong("disk", text, todo) }
        if room < max(512 << 20, used) { return .warning("disk", text, todo) }
        return .fine("disk", text)
    }

    func size(_ name: String) -> Int64 {
        var status = stat()
        return stat(folder + "/" + name, &status) == 0 ? Int64(status.st_size) : 0
    }

    private func files() -> Diagnosis {
        let most = Descriptors.most
        guard most < 4096 else { return .fine("open files", "enough are allowed") }
        return .warning(
            "open files", "only \(most) are allowed, and each open page takes one",
            "ulimit -Hn 65536 where the server is started (systemd: LimitNOFILE=65536).")
    }

    private func locale() -> Diagnosis {
        let variables = ProcessInfo.processInfo.environment
        let name = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { variables[$0] }.first { !$0.isEmpty } ?? ""
        let isPlain = name.uppercased().replacing("-", with: "").contains("UTF8")
        if isPlain { return .fine("locale", name) }
        return .warning(
            "locale", name.isEmpty ? "none is set" : "\(name) is not UTF-8",
            "Set LANG=C.UTF-8, or names of people may not be shown and typed right on the command line.")
    }

    // MARK: Time

    /// If the clock went back, files and events have times in the future. If it ran ahead, the day close waits.
    private func clock() -> Diagnosis {
        let now = environment.now()
        var newest = Int64.min
        for name in DataFolder.databaseNames + [DataFolder.configurationName] {
            for suffix in ["", "-wal"] {
                var status = stat()
                if stat(folder + "/" + name + suffix, &status) == 0 {
                    #if os(Linux)
                        newest = max(newest, Int64(status.st_mtim.tv_sec))
                    #else
                        newest = max(newest, Int64(status.st_mtimespec.tv_sec))
                    #endif
                }
            }
        }
        if newest > now.seconds + 60 {
            return .wrong(
                "clock", "it says \(now), and files here were written later than that",
                "Set the clock, and let the system keep it (systemd-timesyncd, chrony).")
        }
        if let event = lastEvent(), event > now.adding(seconds: 60) {
            return .wrong(
                "clock", "it says \(now), and the last event happened at \(event)",
                "Set the clock, and let the system keep it (systemd-timesyncd, chrony).")
        }
        return .fine("clock", "\(now)")
    }

    private func lastEvent() -> Instant? {
        guard let snapshot = try? SQLiteSnapshot(path: folder + "/" + DataFolder.logName) else { return nil }
        defer { snapshot.end() }
        return try? snapshot.transaction.value("SELECT time FROM event ORDER BY position DESC LIMIT 1")
    }

    // MARK: The server

    private func state(of server: (any ProgramConnection)?) async -> Diagnosis {
        guard let server else {
            guard let holder = FolderLock.holder(of: folder) else {
                return .fine("server", "stopped; start it with popug serve --data \(folder)")
            }
            return .wrong(
                "server", "process \(holder) holds the folder and does not answer",
                "If it is starting, wait; otherwise look at its log, and end it.")
        }
        guard let answer = try? await server.get("/readyz") else {
            return .wrong("server", "it does not answer on its socket", "Look at its log; start it again.")
        }
        let text = answer.text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard answer.status == 200 else {
            return .wrong(
                "server", text.replacing("\n", with: "; "), "Mend what it names; the server tries again by itself.")
        }
        return .fine("server", "running, process \(FolderLock.holder(of: folder).map(String.init) ?? "?")")
    }
}
