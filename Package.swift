// swift-tools-version: 6.2
import PackageDescription

// The floors are in ARCHITECTURE.md: imports point down only. A test target names what it tests.

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

let kit: [Target] = [
    .target(name: "Values", dependencies: [crypto], path: "Sources/Kit/Values"),
    .target(name: "Storage", dependencies: ["Values", crypto], path: "Sources/Kit/Storage"),
    .target(name: "Messaging", dependencies: ["Storage", "Values", crypto, logging], path: "Sources/Kit/Messaging"),
    .target(name: "Ledger", dependencies: ["Storage", "Values", crypto], path: "Sources/Kit/Ledger"),
    .target(name: "Schemas", dependencies: ["Messaging", "Values"], path: "Sources/Kit/Schemas"),
    .target(
        name: "WebAuthn",
        dependencies: ["Schemas", "Values", crypto, .product(name: "CryptoExtras", package: "swift-crypto")],
        path: "Sources/Kit/WebAuthn"),
    .target(
        name: "OpenIDConnect",
        dependencies: ["Schemas", "Values", crypto, .product(name: "CryptoExtras", package: "swift-crypto")],
        path: "Sources/Kit/OpenIDConnect"),
    .target(name: "Pictures", path: "Sources/Kit/Pictures"),
    .target(
        name: "Directory", dependencies: ["Messaging", "Schemas", "Storage", "Values", crypto],
        path: "Sources/Kit/Directory"),
    .target(
        name: "Web",
        dependencies: [
            "Directory", "Messaging", "Schemas", "Storage", "Values", crypto, logging,
            .product(name: "Mustache", package: "swift-mustache"),
        ],
        path: "Sources/Kit/Web",
        resources: [.embedInCode("Assets")]),
    .target(
        name: "ServiceKit", dependencies: ["Directory", "Messaging", "Schemas", "Storage", "Values", "Web"],
        path: "Sources/Kit/Service"),
    .target(
        name: "Hosting",
        dependencies: [
            "Directory", "Messaging", "Schemas", "ServiceKit", "Storage", "Values", "Web", logging,
            .product(name: "Metrics", package: "swift-metrics"),
        ],
        path: "Sources/Kit/Hosting"),
    .target(
        name: "Operations",
        dependencies: ["Directory", "Hosting", "Messaging", "Schemas", "ServiceKit", "Storage", "Values", "Web"],
        path: "Sources/Kit/Operations",
        resources: [.embedInCode("Templates")]),
]

let contracts: [Target] = [
    .target(
        name: "Contracts", dependencies: ["Directory", "Messaging", "Schemas", "Values"], path: "Sources/Contracts")
]

// A target and a suite each. The product's list of them is Sources/Composition/Services.swift.
let serviceNames = ["Accounting", "Analytics", "Identity", "Mailer", "Payouts", "Tracker"]
let serviceParts: [Target.Dependency] = [
    "Contracts", "Directory", "Messaging", "Schemas", "ServiceKit", "Storage", "Values", "Web", crypto,
]
// What one of them needs beside.
let ownParts: [String: [Target.Dependency]] = [
    "Accounting": ["Ledger"],
    "Identity": ["OpenIDConnect", "WebAuthn", .product(name: "CryptoExtras", package: "swift-crypto")],
    "Mailer": [.product(name: "Mustache", package: "swift-mustache")],
]
let serviceTargets: [Target.Dependency] = serviceNames.map { .target(name: $0) }
let services: [Target] = serviceNames.map { name in
    .target(
        name: name, dependencies: serviceParts + (ownParts[name] ?? []), path: "Sources/Services/\(name)",
        resources: [.embedInCode("Templates")])
}

let drivers: [Target] = [
    .systemLibrary(
        name: "CLibPQ", path: "Sources/Drivers/CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(
        name: "CSQLite", path: "Sources/Drivers/CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(
        name: "CCurl", path: "Sources/Drivers/CCurl", pkgConfig: "libcurl",
        providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(
        name: "CZlib", path: "Sources/Drivers/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(
        name: "CRabbitMQ", path: "Sources/Drivers/CRabbitMQ", pkgConfig: "librabbitmq",
        providers: [.apt(["librabbitmq-dev"])]),
    .systemLibrary(name: "CCrack", path: "Sources/Drivers/CCrack", providers: [.apt(["libcrack2-dev"])]),
    .target(name: "CrackDriver", dependencies: ["CCrack"], path: "Sources/Drivers/Crack"),
    .target(name: "Archive", dependencies: ["CZlib", "Storage", crypto], path: "Sources/Drivers/Archive"),
    .target(name: "BlobsDriver", dependencies: ["Storage", "Values"], path: "Sources/Drivers/Blobs"),
    .target(
        name: "CurlDriver", dependencies: ["CCurl", "ServiceKit", "Values", logging], path: "Sources/Drivers/Curl"),
    .target(
        name: "SQLiteDriver",
        dependencies: ["CSQLite", "Messaging", "Storage", "Values", logging],
        path: "Sources/Drivers/SQLite"),
    .target(
        name: "PostgreSQLDriver", dependencies: ["CLibPQ", "Storage", "Values", logging],
        path: "Sources/Drivers/PostgreSQL"),
    .target(
        name: "RabbitMQDriver", dependencies: ["CRabbitMQ", "Messaging", "Storage", "Values", logging],
        path: "Sources/Drivers/RabbitMQ"),
    .target(
        name: "HTTPDriver",
        dependencies: [
            "Directory", "Hosting", "ServiceKit", "Storage", "Values", "Web", crypto, logging,
            .product(name: "Hummingbird", package: "hummingbird"),
            .product(name: "Metrics", package: "swift-metrics"),
            .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            .product(name: "UnixSignals", package: "swift-service-lifecycle"),
        ],
        path: "Sources/Drivers/HTTP"),
]

let kitAndDrivers: [Target.Dependency] = [
    "Archive", "BlobsDriver", "Contracts", "CrackDriver", "CurlDriver", "Directory", "HTTPDriver", "Hosting", "Ledger",
    "Messaging", "OpenIDConnect", "Operations", "Pictures", "PostgreSQLDriver", "RabbitMQDriver", "SQLiteDriver",
    "Schemas", "ServiceKit", "Storage", "Values", "Web", "WebAuthn",
]
let everything = kitAndDrivers + serviceTargets
let composition: [Target] = [
    .target(
        name: "Gateway",
        dependencies: [
            "Directory", "HTTPDriver", "Hosting", "Storage", "Values", "Web", crypto, logging,
            .product(name: "AsyncHTTPClient", package: "async-http-client"),
            .product(name: "Hummingbird", package: "hummingbird"),
            .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
            .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        ],
        path: "Sources/Gateway"),
    .target(
        name: "Composition",
        dependencies: everything + [
            "Gateway", crypto, logging,
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
            .product(name: "AsyncHTTPClient", package: "async-http-client"),
            .product(name: "Configuration", package: "swift-configuration"),
            .product(name: "Hummingbird", package: "hummingbird"),
            .product(name: "Metrics", package: "swift-metrics"),
            .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            .product(name: "SystemPackage", package: "swift-system"),
            .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
        ],
        path: "Sources/Composition"),
    .target(
        name: "Simulation",
        dependencies: [
            "Composition", "Hosting", "Identity", "Mailer", "Messaging", "Payouts", "SQLiteDriver", "Schemas",
            "ServiceKit", "Storage", "TestKit", "Values", "Web", logging,
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ],
        path: "Sources/Simulation"),
    .executableTarget(name: "popug", dependencies: ["Composition"], path: "Sources/popug"),
    .executableTarget(
        name: "popug-dev",
        dependencies: [
            "Composition", "Simulation", .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ],
        path: "Sources/popug-dev"),
    .executableTarget(
        name: "popug-bench",
        dependencies: everything + [
            "CRabbitMQ", "CSQLite", "Composition", "TestKit", logging,
            .product(name: "AsyncHTTPClient", package: "async-http-client"),
            .product(name: "Hummingbird", package: "hummingbird"),
        ],
        path: "Sources/Bench"),
]

let tests: [Target] = [
    .target(
        name: "TestKit",
        dependencies: kitAndDrivers + [
            "Composition", "Identity", "Payouts", crypto, logging,
            .product(name: "AsyncHTTPClient", package: "async-http-client"),
            .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
        ],
        path: "Sources/TestKit"),
    // Apart from TestKit, on which the benchmarks stand, and they know no tests.
    .target(name: "TestTraits", dependencies: ["TestKit"], path: "Sources/TestTraits"),
    .testTarget(
        name: "KitTests",
        dependencies: kitAndDrivers + [
            "Accounting", "Analytics", "Composition", "Identity", "TestKit", "TestTraits", "Tracker", logging, crypto,
            .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        ]),
    .testTarget(
        name: "ExchangeTests", dependencies: everything + ["Composition", "TestKit", "TestTraits", crypto, logging],
        // Folders made by earlier versions, read where they lie.
        exclude: ["Folders"]),
    .testTarget(
        name: "RabbitMQTests",
        dependencies: [
            "Hosting", "Messaging", "RabbitMQDriver", "SQLiteDriver", "Storage", "TestKit", "TestTraits", "Values",
            logging,
        ]),
    .testTarget(
        name: "GatewayTests",
        dependencies: [
            "Composition", "Directory", "Gateway", "HTTPDriver", "Hosting", "Identity", "TestKit", "TestTraits",
            "Values", "Web", logging,
            .product(name: "Hummingbird", package: "hummingbird"),
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        ]),
    .testTarget(
        name: "SimulationTests",
        dependencies: [
            "Composition", "Hosting", "Messaging", "Payouts", "Schemas", "ServiceKit", "Simulation", "Storage",
            "TestKit", "TestTraits", "Values", "Web",
        ],
        exclude: ["Seeds.txt"]),
    .testTarget(
        name: "ServerTests", dependencies: ["Composition", "ServiceKit", "TestKit", "TestTraits", "Values", "Web"]),
    .testTarget(
        name: "ClusterTests",
        dependencies: ["Composition", "PostgreSQLDriver", "Storage", "TestKit", "TestTraits", "Values"]),
]
// What the suites of services want beside their service.
let suiteParts: [Target.Dependency] =
    serviceParts + ["Hosting", "SQLiteDriver", "TestKit", "TestTraits", logging]
let ownSuiteParts: [String: [Target.Dependency]] = [
    "Accounting": ["Ledger"], "Identity": ["CrackDriver", "OpenIDConnect"], "Mailer": ["Composition", "CurlDriver"],
]
let serviceSuites: [Target] = serviceNames.map { name in
    .testTarget(
        name: "\(name)Tests", dependencies: suiteParts + [.target(name: name)] + (ownSuiteParts[name] ?? []))
}

// The service that docs/first-service.md makes: built and tested like any other, and no part of the product.
let example: [Target] = [
    .target(
        name: "Thanks", dependencies: serviceParts, path: "examples/Thanks", resources: [.embedInCode("Templates")]),
    .testTarget(name: "ThanksTests", dependencies: suiteParts + ["Thanks"]),
]

let package = Package(
    name: "popug",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "popug", targets: ["popug"])],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(
            url: "https://github.com/apple/swift-configuration", from: "1.4.0",
            traits: ["JSON", "CommandLineArguments"]),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.6.1"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    ],
    targets: kit + contracts + services + drivers + composition + tests + serviceSuites + example,
    swiftLanguageModes: [.v6]
)

// What these do (a letter's bytes, an SMTP dialogue) is proved from inside as well; their tests import them `@testable`,
// in the release build that serves all tests too.
let openToTests: Set<String> = ["Composition", "CurlDriver", "Mailer"]

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .treatAllWarnings(as: .error),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        // Services and drivers use the Kit's small generics all the time; without this none is specialized for them.
        .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
    ]
    if openToTests.contains(target.name) {
        target.swiftSettings?.append(.unsafeFlags(["-enable-testing"], .when(configuration: .release)))
    }
}
