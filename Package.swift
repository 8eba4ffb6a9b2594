// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    // Messages, state machines and the runtime live in modules of their own; specialised across them they cost less.
    .unsafeFlags(["-cross-module-optimization", "-enforce-exclusivity=unchecked"], .when(configuration: .release)),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// A C library of Debian's behind its module map, with a thin shim where Swift cannot call it.
func cLibrary(_ name: String, links: [String], packages: [String] = [], folders: [String] = []) -> Target {
    .target(
        name: name, path: "Shared/CLibraries/\(name)", publicHeadersPath: "include",
        cSettings: (packages.map { "/usr/include/\($0)" } + folders).map { .unsafeFlags(["-I\($0)"]) },
        linkerSettings: links.map { .linkedLibrary($0) })
}

/// Each module and each service has one, beside its sources.
let readme = "README.md"

func shared(_ name: String, _ dependencies: [String] = [], exclude: [String] = []) -> Target {
    .target(
        name: name, dependencies: dependencies.map { .init(stringLiteral: $0) }, path: "Shared/\(name)", exclude: [readme] + exclude,
        swiftSettings: strict, linkerSettings: [.linkedLibrary("m")])
}

/// An executable; its process is called `daifa-<service>`.
func service(
    _ name: String, _ dependencies: [String], exclude: [String] = []
) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies.map { .init(stringLiteral: $0) }, path: "Services/\(name)", exclude: [readme] + exclude,
        swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [String], exclude: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: dependencies.map { .init(stringLiteral: $0) }, path: "Tests/\(name)",
        exclude: exclude, swiftSettings: strict)
}

let package = Package(
    name: "daifa",
    products: [
        .executable(name: "daifa", targets: ["CLI"]),
        .executable(name: "daifa-authorization", targets: ["Authorization"]),
        .executable(name: "daifa-binding", targets: ["Binding"]),
        .executable(name: "daifa-allocation", targets: ["Allocation"]),
        .executable(name: "daifa-waybill", targets: ["Waybill"]),
        .executable(name: "daifa-shipping", targets: ["Shipping"]),
        .executable(name: "daifa-console", targets: ["Console"]),
        .executable(name: "daifa-sandbox", targets: ["Sandbox"]),
    ],
    targets: [
        cLibrary("CRdKafka", links: ["rdkafka"]),
        cLibrary("CSQLite", links: ["sqlite3"]),
        cLibrary("CPostgreSQL", links: ["pq"]),
        cLibrary("COpenSSL", links: ["crypto"]),
        cLibrary("CSodium", links: ["sodium"]),
        cLibrary("CNSS", links: ["nss3", "nssutil3", "nspr4"], packages: ["nss", "nspr"]),
        cLibrary("CMicroHTTPD", links: ["microhttpd"]),
        cLibrary("CCurl", links: ["curl"]),
        cLibrary("CWebSockets", links: ["websockets"]),
        cLibrary("CMimalloc", links: ["mimalloc"]),
        cLibrary("CZip", links: ["zip"]),
        cLibrary("CExpat", links: ["expat"]),
        cLibrary("CZlib", links: ["z"]),
        cLibrary("CCairo", links: ["cairo"]),
        cLibrary(
            "CPango", links: ["pangocairo-1.0", "pangoft2-1.0", "pango-1.0", "gobject-2.0", "glib-2.0", "fontconfig", "cairo"],
            packages: ["pango-1.0", "glib-2.0", "harfbuzz", "cairo", "freetype2"],
            // GLib keeps one header for each architecture; a folder that is not there does no harm.
            folders: ["x86_64", "aarch64"].map { "/usr/lib/\($0)-linux-gnu/glib-2.0/include" }),
        cLibrary("CZint", links: ["zint"]),
        cLibrary("CThreads", links: []),

        shared("Threads", ["CThreads"]),
        shared("JSON"),
        shared("Contracts", ["Threads", "JSON"]),
        shared("Machines", ["Threads", "Contracts", "JSON"]),
        shared("StateMachines", ["Threads", "Machines", "Contracts", "JSON"]),
        shared("CommandLine"),
        shared("Texts", ["Threads", "JSON"], exclude: ["GLOSSARY.md", "zh.json", "vi.json", "en.json"]),
        shared("Observability", ["Threads", "JSON"]),
        shared("Kafka", ["Threads", "CRdKafka"]),
        shared("Stores", ["CSQLite", "CPostgreSQL"]),
        shared("Crypto", ["COpenSSL", "CNSS", "CSodium"]),
        shared("Tokens", ["JSON", "Crypto"]),
        shared("ReadModel", ["Threads", "Contracts", "JSON", "Stores"]),
        shared("HTTP", ["Threads", "CMicroHTTPD", "CCurl", "CWebSockets"]),
        shared("Web", ["Threads", "HTTP", "Crypto", "CZlib"]),
        shared(
            "Runtime",
            [
                "Threads", "CommandLine", "Observability", "Machines", "Kafka", "Stores", "HTTP", "Crypto", "Tokens", "Contracts", "JSON",
                "CMimalloc",
            ],
            exclude: ["PROTOCOL.md"]),
        shared("ConsoleConfiguration", ["Contracts", "HTTP", "Identity", "Runtime"]),
        shared("Credentials", ["Observability", "Machines", "Runtime", "Contracts", "JSON", "Crypto"]),
        shared("Identity", ["Threads", "JSON", "Stores", "Crypto", "Tokens", "Texts"]),
        shared("TableFiles"),
        shared("Workbooks", ["TableFiles", "CZip", "CExpat"]),
        shared("Labels", ["CCairo", "CPango", "CZint"]),
        shared("Partners", ["Threads", "TableFiles", "Contracts", "JSON", "HTTP", "Crypto"]),
        shared("DeadLetters", ["Contracts", "Kafka", "Runtime"]),
        shared("OrderImports", ["Contracts", "JSON", "Crypto", "Partners", "TableFiles", "Workbooks"]),
        shared("SampleData", ["Partners", "TableFiles"]),
        shared(
            "PartnerEffects",
            ["JSON", "HTTP", "Crypto", "Credentials", "Threads", "Observability", "Machines", "Runtime", "Partners", "Contracts"]),

        service(
            "Authorization",
            [
                "Credentials", "Threads", "Observability", "Machines", "Runtime", "StateMachines", "Partners", "PartnerEffects",
                "Contracts", "JSON", "HTTP", "Crypto",
            ]),
        service("Binding", ["Credentials", "Runtime", "StateMachines", "Contracts"]),
        service("Allocation", ["Credentials", "Runtime", "StateMachines", "Contracts"]),
        service(
            "Waybill",
            ["Credentials", "Threads", "Machines", "Runtime", "StateMachines", "Partners", "PartnerEffects", "Contracts", "Crypto", "JSON"]),
        service(
            "Shipping",
            ["Credentials", "Threads", "Machines", "Runtime", "StateMachines", "Partners", "PartnerEffects", "Contracts", "JSON"]),
        service("Sandbox", ["CommandLine", "Observability", "Stores", "HTTP", "Crypto", "JSON"], exclude: ["Control/README.md"]),
        service(
            "Console",
            [
                "Credentials", "ConsoleConfiguration", "Threads", "Observability", "Machines", "Runtime", "ReadModel", "Identity", "Texts",
                "Web",
                "Labels", "OrderImports", "DeadLetters", "Partners", "Contracts", "JSON", "HTTP", "Kafka", "Crypto", "Stores",
            ], exclude: ["Web"]),
        service(
            "CLI",
            [
                "PartnerEffects", "ConsoleConfiguration", "Threads", "CommandLine", "Observability", "Machines", "Runtime", "OrderImports",
                "DeadLetters", "Partners", "TableFiles", "Workbooks",
                "SampleData", "Identity", "Texts", "Contracts", "JSON", "HTTP", "Kafka", "Crypto", "Stores",
            ]),

        .target(
            name: "TestSupport", dependencies: ["Threads", "Kafka", "Contracts", "JSON", "HTTP", "Crypto"], path: "Tests/Support",
            swiftSettings: strict),
        .executableTarget(name: "LabelBenchmark", dependencies: ["Labels"], path: "Tests/Benchmarks/Labels", swiftSettings: strict),
        tests("Architecture", []),
        tests("Threads", ["Threads", "TestSupport"]),
        tests("CommandLine", ["CommandLine", "TestSupport"]),
        tests("Texts", ["Texts", "Threads", "Contracts"]),
        tests("Observability", ["Observability", "Threads", "JSON"]),
        tests("JSON", ["JSON"], exclude: ["Fuzz"]),
        tests("Contracts", ["Contracts", "JSON", "Threads"]),
        tests("StateMachines", ["StateMachines", "Threads", "Machines", "Contracts", "JSON"]),
        tests("Kafka", ["Kafka", "Threads", "TestSupport"]),
        tests("Stores", ["Stores", "TestSupport"]),
        tests("Crypto", ["Crypto"], exclude: ["make-vectors.py", "make-password-vectors.py"]),
        tests("Identity", ["Identity", "Tokens", "Texts", "Threads", "JSON", "Stores", "Crypto"], exclude: ["make-token-vectors.py"]),
        tests("ReadModel", ["ReadModel", "Threads", "Contracts", "JSON", "Stores"]),
        .executableTarget(
            name: "ReadModelBenchmark", dependencies: ["ReadModel", "Threads", "Contracts", "JSON", "Stores"],
            path: "Tests/Benchmarks/ReadModel",
            swiftSettings: strict),
        tests("HTTP", ["HTTP", "Threads"]),
        tests("Web", ["Web", "HTTP", "Threads", "TestSupport"]),
        tests(
            "Runtime",
            [
                "Runtime", "TestSupport", "Threads", "CommandLine", "Observability", "Machines", "Contracts", "Crypto", "HTTP", "JSON",
                "Kafka", "Stores", "CSQLite",
            ]),
        tests("Machines", ["Machines", "Contracts", "JSON"]),
        tests("Credentials", ["Credentials", "HTTP", "Observability", "Machines", "Runtime", "Contracts", "Crypto", "JSON"]),
        tests("Labels", ["Labels"]),
        tests(
            "Simulation",
            ["Threads", "Observability", "Machines", "Runtime", "StateMachines", "Kafka", "CRdKafka", "Stores", "Contracts", "JSON"],
            exclude: ["README.md"]),
        tests("TableFiles", ["TableFiles"]),
        tests("Workbooks", ["Workbooks", "TableFiles", "CZip"], exclude: ["Fixtures", "make-fixtures.py"]),
        tests(
            "Partners", ["Partners", "Threads", "TableFiles", "Workbooks", "SampleData", "Contracts", "HTTP", "JSON"],
            exclude: ["Pinduoduo/Cases"]),
        tests("OrderImports", ["OrderImports", "Partners", "TableFiles", "Contracts", "JSON", "Crypto"]),
        tests("SampleData", ["SampleData", "Partners", "TableFiles"]),
        tests(
            "Console",
            [
                "Console", "ConsoleConfiguration", "Credentials", "Threads", "Observability", "TestSupport", "Runtime", "Kafka", "Stores",
                "Contracts", "JSON",
                "Crypto", "HTTP", "Texts", "Identity", "Labels", "ReadModel", "Web", "Partners", "OrderImports", "DeadLetters",
            ]),
        tests(
            "Authorization",
            [
                "Authorization", "TestSupport", "PartnerEffects", "Credentials", "Threads", "Observability", "Machines", "Runtime",
                "StateMachines", "Partners", "Contracts", "JSON", "HTTP", "Kafka", "Crypto",
            ]),
        tests(
            "CLI",
            [
                "CLI", "ConsoleConfiguration", "Identity", "Texts", "PartnerEffects", "Credentials", "Threads", "Observability",
                "TestSupport", "CommandLine", "Runtime",
                "OrderImports", "DeadLetters", "Partners",
                "TableFiles",
                "Contracts", "Crypto", "JSON", "Kafka", "Stores",
            ]),
        tests(
            "Services",
            [
                "Authorization", "Binding", "Allocation", "Waybill", "Shipping", "Runtime", "Credentials", "StateMachines", "Machines",
                "Observability", "Contracts", "HTTP",
            ]),
        tests(
            "Connectors",
            [
                "Shipping", "Credentials", "Threads", "Waybill", "StateMachines", "Machines", "Observability", "PartnerEffects", "Runtime",
                "Partners", "Contracts", "Crypto", "JSON", "TestSupport",
            ]
        ),
        tests("Sandbox", ["Sandbox", "Threads", "Partners", "Contracts", "HTTP", "JSON", "Crypto"]),
        tests("Journey", ["TestSupport", "Threads", "Observability", "Kafka", "Contracts", "HTTP", "JSON", "Crypto"]),
        tests("Chaos", ["TestSupport", "Threads", "Kafka", "Contracts", "JSON", "HTTP"]),
        tests("Canary", ["TestSupport", "Threads", "Kafka", "Contracts", "JSON", "Crypto", "HTTP"]),
    ],
    swiftLanguageModes: [.v6]
)
