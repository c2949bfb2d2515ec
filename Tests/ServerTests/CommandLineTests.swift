import Composition
import Foundation
import ServiceKit
import TestKit
import TestTraits
import Testing

/// The command line as people and scripts use it: exit codes, words, and what is refused before anything is done.
@Suite(
    "Command line", .tags(.servers), .ifChosen, .enabled(if: PopugProcess.binary != nil, "start it with make test"),
    .serialized)
struct CommandLineTests {
    @Test(
        "What the command line does not understand ends with 2, and changes nothing",
        arguments: [
            ["frobnicate"], ["serve", "--bogus"], ["serve", "extra"], ["person", "token", "ada@example.com"],
            ["person", "token", "ada@example.com", "--name", "x", "--days", "0"], ["events", "tail", "--count", "0"],
            ["events", "tail", "--count", "many"], ["close", "--confirm", "tomorrow"], ["parked", "show"],
            ["audit", "--count", "201"], ["audit", "--area", "weather"],
            ["rebuild", "analytics", "--stop", "--abandon"],
            // Flags that would be passed over.
            ["init", "--demo", "--company", "Mine"], ["init", "--demo", "--create"], ["init", "--create"],
            ["init", "--log", "amqp://localhost"], ["backup", "--server", "https://popug.test", "file"],
            ["verify", "--token-file", "file"], ["person", "list", "--token-file", "file"],
            ["person", "list", "--server", "https://popug.test", "--data", "folder"],
            ["person", "list", "--server", "http://popug.test", "--token-file", "/dev/null"],
        ])
    func usage(arguments: [String]) throws {
        let folder = try TemporaryFolder()
        let result = try PopugProcess.run(arguments, environment: ["POPUG_DATA": folder.path + "/data"])
        #expect(result.status == 2, "\(result)")
        #expect(result.output.isEmpty && !result.errors.isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test("--demo names every flag that it would pass over")
    func demo() throws {
        let folder = try TemporaryFolder()
        let flags = [
            "company", "currency", "time-zone", "closing-hour", "public-address", "admin-name", "admin-email",
            "admin-password-file", "database", "log",
        ]
        let result = try PopugProcess.run(
            ["init", "--demo", "--data", folder.path + "/data"] + flags.flatMap { ["--\($0)", "x"] })
        #expect(result.status == 2)
        for flag in flags { #expect(result.errors.contains("--\(flag)"), "\(result.errors)") }
    }

    @Test("Arguments, variables, files and lines that are not UTF-8 are refused, not taken with other characters")
    func notText() throws {
        let installation = try TestInstallation(employees: 1)
        let scripts: [(script: String, name: Bool, code: Int32)] = [
            ("exec \"$@\" --name \"$(printf 'caf\\351')\"", false, 2),
            ("POPUG_COMPANY=\"$(printf 'caf\\351')\" exec \"$@\"", true, 3),
            ("printf 'password \\351\\n' | \"$@\" --password-file -", true, 1),
            ("printf 'password \\351\\n' >$0/p; exec \"$@\" --password-file $0/p", true, 4),
        ]
        for (script, name, code) in scripts {
            let result = try PopugProcess.run(
                ["person", "add", "--data", installation.data, "--email", "new@example.com", "--roles", "employee"]
                    + (name ? ["--name", "New"] : []),
                through: ["sh", "-c", script, installation.folder.path])
            #expect(result.status == code, "\(script): \(result)")
            #expect(result.errors.contains("not text in UTF-8"), "\(script): \(result)")
        }
        let list = try TestInstallation.run(["person", "list", "--data", installation.data])
        #expect(!list.contains("new@example.com"))
    }

    @Test(
        "What init is given is checked before anything is made, and named in words",
        arguments: [
            (["--admin-email", "not-an-email"], 1), (["--admin-name", " "], 1), (["--admin-name", "A\u{200E}"], 1),
            (["--admin-password-file", "short"], 1), (["--time-zone", "Moon/Base"], 3), (["--closing-hour", "25"], 3),
            (["--closing-hour", "+5"], 3), (["--currency", "eur"], 3), (["--public-address", "popug"], 3),
            (["--company", "\u{200B}"], 3),
        ] as [([String], Int32)])
    func initAnswers(flags: [String], code: Int32) throws {
        let folder = try TemporaryFolder()
        for (name, password) in [("good", "correct horse battery"), ("short", "ninechars")] {
            try password.write(toFile: folder.path + "/" + name, atomically: true, encoding: .utf8)
        }
        var given = [
            "--admin-name": "Ada", "--admin-email": "ada@example.com", "--admin-password-file": folder.path + "/good",
        ]
        given[flags[0]] = flags[0] == "--admin-password-file" ? folder.path + "/" + flags[1] : flags[1]
        let data = folder.path + "/data"
        let result = try PopugProcess.run(["init", "--data", data] + given.flatMap { [$0, $1] })
        #expect(result.status == code, "\(result)")
        let line = result.errors.trimmingCharacters(in: .newlines)
        #expect(line.contains(String(flags[0].dropFirst(2))) && !line.contains("Problem("), "\(line)")
        // Words, and no key of the catalogue.
        #expect(line.contains(" ") && !line.contains("identity."), "\(line)")
        #expect(!FileManager.default.fileExists(atPath: data))
    }

    @Test("Ten characters are a password, as the pages say")
    func shortest() throws {
        let folder = try TemporaryFolder()
        let ten = try PopugProcess.run(
            ["init", "--data", folder.path + "/data", "--admin-name", "Ada", "--admin-email", "ada@example.com"]
                + ["--admin-password-file", "-"], input: "ten chars!\n")
        #expect(ten.status == 0, "\(ten)")
    }

    @Test("What a service refuses comes with the field's name, all fields at once")
    func refusedFields() throws {
        let installation = try TestInstallation(employees: 1)
        let result = try PopugProcess.run([
            "person", "add", "--data", installation.data, "--name", "\u{200E}", "--email", "nobody", "--roles", "x",
        ])
        #expect(result.status == 1)
        #expect(result.errors.contains("name: ") || result.errors.contains("email: "), "\(result.errors)")
        #expect(!result.errors.contains("Problem(") && !result.errors.contains("identity."), "\(result.errors)")
    }

    @Test("On a terminal init asks again for each answer that breaks its rule, and for the password twice")
    func interview() throws {
        let folder = try TemporaryFolder()
        let answers = [
            "Popug", "euro", "EUR", "Moon/Base", "Europe/Berlin", "25", "18", "popug", "", "", "Ada", "not-an-email",
            "ada@example.com", "ninechars", "ten chars!", "other one!", "ten chars!", "ten chars!",
        ]
        let data = folder.path + "/data"
        let binary = PopugProcess.binary ?? "popug"
        // `script` gives it a terminal.
        guard try PopugProcess.system(["script", "--version"]) else {
            print("script is not installed here; init on a terminal is not tried")
            return
        }
        let script = "printf '%s' \"$0\" | script -qec '\(binary) init --data \(data)' /dev/null"
        let typed = answers.joined(separator: "\n") + "\n"
        let result = try PopugProcess.run([], through: ["sh", "-c", script, typed])
        let said = result.output
        #expect(result.status == 0, "\(said)")
        for words in [
            "three capital letters", "IANA zone", "hour from 0 to 23", "public-address must be",
            "The name is empty", "not an e-mail address", "at least 10 characters", "fewer than 10 characters",
            "not the same",
        ] { #expect(said.contains(words), "\(words): \(said)") }
        #expect(!said.contains("Problem("), "\(said)")
        let settings = try TestInstallation.run(["config", "--data", data])
        #expect(settings.contains("Europe/Berlin") && settings.contains("EUR"))
        let ended = "printf 'Popug\\n' | script -qec '\(binary) init --data \(data)-2' /dev/null"
        let early = try PopugProcess.run([], through: ["sh", "-c", ended])
        #expect(early.status == 2 && early.output.contains("--currency"), "\(early)")
    }

    @Test("events tail says where each event stands: service, partition, number")
    func eventsTail() throws {
        let installation = try TestInstallation(employees: 1)
        let lines = try TestInstallation.run(["events", "tail", "--data", installation.data]).split(separator: "\n")
        #expect(lines.count > 3)
        for line in lines {
            #expect(
                line.wholeMatch(of: /\S+Z  [a-z]+\/\d+\/\d*  [a-z-]+  [0-9a-f-]{36}  [0-9a-f-]{36}/) != nil, "\(line)")
        }
    }

    @Test("A folder whose socket's path is too long is refused by init, serve and doctor, with the path and the limit")
    func longSocket() throws {
        let installation = try TestInstallation(employees: 1)
        let long = installation.folder.path + "/" + String(repeating: "x", count: 100)
        let path = long + "/popug.sock"
        let made = try PopugProcess.run(
            [
                "init", "--data", long, "--admin-name", "Ada", "--admin-email", "ada@example.com",
                "--admin-password-file", "-",
            ], input: "correct horse battery\n")
        try FileManager.default.moveItem(atPath: installation.data, toPath: long)
        let served = try PopugProcess.run(["serve", "--data", long, "--listen", "127.0.0.1:0"])
        // Also where the folder is named in a way that is short enough by itself.
        let near = try PopugProcess.run(
            ["serve", "--data", "x", "--listen", "127.0.0.1:0"],
            through: ["sh", "-c", "cd $0 && ln -s . x && exec \"$@\"", long])
        let looked = try PopugProcess.run(["doctor", "--data", long])
        #expect(looked.status == 1)
        for result in [made, served, near, looked] {
            #expect(result.status == (result == looked ? 1 : 4), "\(result)")
            let said = result.output + result.errors
            #expect(said.contains("may have 103") && said.contains("popug.sock"), "\(said)")
            #expect(!said.contains("Ready on"))
        }
        #expect(served.errors.contains(path) && made.errors.contains(path) && looked.output.contains(path))
        // One byte fewer than too many is enough.
        let exact = installation.folder.path + "/"
        let folder = exact + String(repeating: "y", count: 103 - "/popug.sock".utf8.count - exact.utf8.count)
        try FileManager.default.moveItem(atPath: long, toPath: folder)
        let server = try PopugProcess(data: folder)
        #expect(try TestInstallation.run(["person", "list", "--data", folder]).contains("Ada"))
        #expect(server.stop() == 0)
    }

    @Test("Addresses to listen on: IPv6 in brackets, shown so, and reached so")
    func listenIPv6() throws {
        let installation = try TestInstallation(employees: 1)
        let token = installation.folder.path + "/token"
        try installation.admin.write(toFile: token, atomically: true, encoding: .utf8)
        for address in ["[::1]:0", "::1:0", "[::0001]:0"] {
            let server = try PopugProcess(
                data: installation.data, through: ["sh", "-c", "exec \"$@\" --listen '\(address)'", "sh"])
            #expect(server.address.wholeMatch(of: /http:\/\/\[::0*1\]:\d+/) != nil, "\(server.address)")
            let list = try PopugProcess.run(["person", "list", "--server", server.address, "--token-file", token])
            #expect(list.status == 0 && list.output.contains("Ada"), "\(list)")
            #expect(server.stop() == 0)
        }
    }

    @Test("A port that is taken, an address that is not here: named, and 4")
    func cannotListen() throws {
        let installation = try TestInstallation(employees: 1)
        let other = try TestInstallation(employees: 1)
        let first = try PopugProcess(data: other.data)
        defer { first.kill() }
        let taken = String(first.address.dropFirst("http://".count))
        let gateway = [
            "gateway", "--data", installation.data, "--upstreams",
            "identity,tracker,accounting,payouts,analytics,mailer=http://127.0.0.1:1",
        ]
        for verb in [["serve", "--data", installation.data], gateway] {
            for address in [taken, "192.0.2.1:8080", "nowhere.invalid:8080"] {
                let result = try PopugProcess.run(verb + ["--listen", address])
                #expect(result.status == 4, "\(result)")
                #expect(result.errors.contains("popug: \(address) cannot be listened on: "), "\(result.errors)")
                #expect(!result.errors.contains("errno"), "\(result.errors)")
            }
        }
    }

    @Test("What cannot be read is not called missing")
    func unreadable() throws {
        let installation = try TestInstallation(employees: 1)
        let folder = installation.folder.path
        // Reasons that hold for the superuser too.
        try FileManager.default.createSymbolicLink(atPath: folder + "/loop", withDestinationPath: "loop")
        let file = folder + "/file"
        try "text".write(toFile: file, atomically: true, encoding: .utf8)
        for data in [folder + "/loop", file] {
            for verb in [["serve"], ["verify"], ["init", "--demo"]] {
                let result = try PopugProcess.run(verb + ["--data", data])
                #expect(result.status == 4, "\(result)")
                #expect(result.errors.contains("cannot be read: ") && !result.errors.contains("no installation"))
            }
        }
        for path in [folder + "/loop", folder, folder + "/none"] {
            let result = try PopugProcess.run(["import", path, "--data", installation.data])
            #expect(result.status == 4 && result.errors.contains("\(path) cannot be read: "), "\(result)")
        }
        for path in [folder + "/loop"] {
            for name in [
                "secret-file", "gateway-key-file", "destination-key-file", "metrics-token-file", "mail-password-file",
                "provider-secret-file", "mail-certificates",
            ] {
                var variables = ["POPUG_" + name.uppercased().replacing("-", with: "_"): path]
                variables["POPUG_PROVIDER"] = name.hasPrefix("provider") ? "http" : "built-in"
                variables["POPUG_PROVIDER_ADDRESS"] = "http://127.0.0.1:1"
                if name.hasPrefix("mail") {
                    variables["POPUG_MAIL_SERVER"] = "smtps://127.0.0.1:1"
                    variables["POPUG_MAIL_FROM"] = "a@b.example"
                    variables["POPUG_MAIL_USER"] = "popug"
                    if name == "mail-certificates" { variables["POPUG_MAIL_PASSWORD"] = "x" }
                }
                let result = try PopugProcess.run(
                    ["serve", "--data", installation.data, "--listen", "127.0.0.1:0"], environment: variables)
                #expect(result.status == 3, "\(name): \(result)")
                #expect(result.errors.contains(path) && result.errors.contains("cannot be read: "), "\(result)")
            }
        }
    }

    @Test("The doctor finds wrong whatever setting keeps the server from starting")
    func doctorReadsAll() throws {
        let installation = try TestInstallation(employees: 1)
        // What only makes sense together, so that each is read.
        let whole = [
            "POPUG_PROVIDER": "http", "POPUG_PROVIDER_ADDRESS": "http://127.0.0.1:1",
            "POPUG_PROVIDER_SECRET": "sixteen characters", "POPUG_MAIL_SERVER": "smtp://127.0.0.1:1",
            "POPUG_MAIL_FROM": "popug@popug.test", "POPUG_MAIL_TLS": "off",
        ]
        var refused = 0
        for setting in Settings.lines {
            let name = "POPUG_" + setting.name.uppercased().replacing("-", with: "_")
            let wrong = whole.merging([name: " \u{1}wrong/"]) { $1 }
            // Nobody has this address: a server that has read its settings, and opened all, ends there.
            let listen = setting.name == "listen" ? [] : ["--listen", "192.0.2.1:1"]
            let served = try PopugProcess.run(["serve", "--data", installation.data] + listen, environment: wrong)
            if served.errors.contains("192.0.2.1:1") { continue }
            refused += 1
            let looked = try PopugProcess.run(["doctor", "--data", installation.data], environment: wrong)
            // Its own words, whatever they are beside.
            let said = served.errors.split(separator: "\n").last { $0.hasPrefix("popug: ") } ?? ""
            #expect(
                (looked.output + looked.errors).contains(said.dropFirst("popug: ".count)), "\(setting.name): \(served)")
            #expect([1, 3].contains(looked.status), "\(setting.name): \(looked)")
        }
        #expect(refused > 20, "\(refused)")
    }

    @Test(
        "A range has two ends, in digits",
        arguments: ["-5-10", "5-", "-10", "10", "5-10-15", "+5-10", "5 - 10", "20-10", "0-5", "", "٥-10"])
    func ranges(text: String) async throws {
        let values = ["fee": text, "reward": "5-10"]
        #expect(throws: SettingError.self) { try CommandLineTests.value("fee", in: values) }
        try CommandLineTests.value("reward", in: values)
    }

    @Test(
        "Numbers, keys and places in settings are what they say",
        arguments: [
            ("closing-hour", "+5"), ("closing-hour", " 5"), ("backup-at", "-0"), ("backup-at", "+3"),
            ("backup-keep", "+7"), ("mail-keep-days", "+7"), ("listen", "127.0.0.1:+80"), ("listen", "::1"),
            ("listen", "[::1]"), ("listen", "[127.0.0.1]:80"), ("listen", "127.0.0.1:65536"), ("listen", ":80"),
            ("listen", "127.0.0.1"), ("listen", "a b:1"), ("listen", "http://127.0.0.1:80"),
            ("secret", String(repeating: "+f", count: 32)), ("destination-key", String(repeating: "+f", count: 32)),
        ])
    func wrongValues(name: String, text: String) async throws {
        #expect(throws: SettingError.self) { try CommandLineTests.value(name, in: [name: text]) }
    }

    /// Reads a setting by its own declaration.
    static func value(_ name: String, in values: [String: String]) throws {
        func read(_ setting: some SettingDeclaration) throws { _ = try setting.value(in: SettingValues(values)) }
        let declared = Settings.declared.filter { $0.lines.contains { $0.name == name } }
        #expect(declared.count == 1)
        for setting in declared { try read(setting) }
    }

    @Test("A setting is declared once")
    func declaredOnce() {
        let names = Settings.lines.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(Settings.lines.allSatisfy { !$0.about.isEmpty })
    }
}
