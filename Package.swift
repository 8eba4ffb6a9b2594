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
func cLibrary(_ name: String, links: [String], packages: [String] = []) -> Target {
    .target(
        name: name, path: "Shared/CLibraries/\(name)", publicHeadersPath: "include",
        cSettings: packages.map { .unsafeFlags(["-I/usr/include/\($0)"]) },
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
        cLibrary("COpenSSL", links: ["crypto"]),
        cLibrary("CNSS", links: ["nss3", "nssutil3", "nspr4"], packages: ["nss", "nspr"]),
        cLibrary("CMicroHTTPD", links: ["microhttpd"]),
        cLibrary("CCurl", links: ["curl"]),
        cLibrary("CWebSockets", links: ["websockets"]),
        cLibrary("CMimalloc", links: ["mimalloc"]),
        cLibrary("CZip", links: ["zip"]),
        cLibrary("CExpat", links: ["expat"]),
        cLibrary("CThreads", links: []),

        shared("Threads", ["CThreads"]),
        shared("JSON"),
        shared("Contracts", ["Threads", "JSON"]),
        shared("Machines", ["Threads", "Contracts", "JSON"]),
        shared("StateMachines", ["Threads", "Machines", "Contracts", "JSON"]),
        shared("CommandLine"),
        shared("Observability", ["Threads", "JSON"]),
        shared("Kafka", ["Threads", "CRdKafka"]),
        shared("Stores", ["CSQLite"]),
        shared("Crypto", ["COpenSSL", "CNSS"]),
        shared("HTTP", ["Threads", "CMicroHTTPD", "CCurl", "CWebSockets"]),
        shared(
            "Runtime",
            ["Threads", "CommandLine", "Observability", "Machines", "Kafka", "Stores", "HTTP", "Crypto", "Contracts", "JSON", "CMimalloc"],
            exclude: ["PROTOCOL.md"]),
        shared("Credentials", ["Observability", "Machines", "Runtime", "Contracts", "JSON", "Crypto"]),
        shared("TableFiles"),
        shared("Workbooks", ["TableFiles", "CZip", "CExpat"]),
        shared("Partners", ["Threads", "TableFiles", "Contracts", "JSON", "HTTP", "Crypto"]),
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
                "Credentials", "Threads", "Observability", "Machines", "Runtime", "Partners", "Contracts", "JSON", "HTTP", "Kafka",
                "Crypto", "Stores",
            ]),
        service(
            "CLI",
            [
                "PartnerEffects", "Threads", "CommandLine", "Observability", "Machines", "Runtime", "Partners", "TableFiles", "Workbooks",
                "SampleData", "Contracts", "JSON", "HTTP", "Kafka", "Crypto", "Stores",
            ]),

        .target(
            name: "TestSupport", dependencies: ["Threads", "Kafka", "Contracts", "JSON", "HTTP", "Crypto"], path: "Tests/Support",
            swiftSettings: strict),
        tests("Architecture", []),
        tests("Threads", ["Threads", "TestSupport"]),
        tests("CommandLine", ["CommandLine", "TestSupport"]),
        tests("Observability", ["Observability"]),
        tests("JSON", ["JSON"], exclude: ["Fuzz"]),
        tests("Contracts", ["Contracts", "JSON", "Threads"]),
        tests("StateMachines", ["StateMachines", "Threads", "Machines", "Contracts", "JSON"]),
        tests("Kafka", ["Kafka", "Threads", "TestSupport"]),
        tests("Stores", ["Stores"]),
        tests("Crypto", ["Crypto"], exclude: ["make-vectors.py"]),
        tests("HTTP", ["HTTP", "Threads"]),
        tests(
            "Runtime",
            [
                "Runtime", "TestSupport", "Threads", "CommandLine", "Observability", "Machines", "Contracts", "Crypto", "HTTP", "JSON",
                "Kafka", "Stores", "CSQLite",
            ]),
        tests("Machines", ["Machines", "Contracts", "JSON"]),
        tests("Credentials", ["Credentials", "HTTP", "Observability", "Machines", "Runtime", "Contracts", "Crypto", "JSON"]),
        tests("Simulation", ["Threads", "Machines", "Runtime", "StateMachines", "Contracts", "JSON"]),
        tests("TableFiles", ["TableFiles"]),
        tests("Workbooks", ["Workbooks", "TableFiles", "CZip"], exclude: ["Fixtures", "make-fixtures.py"]),
        tests(
            "Partners", ["Partners", "Threads", "TableFiles", "Workbooks", "SampleData", "Contracts", "HTTP", "JSON"],
            exclude: ["Pinduoduo/Cases"]),
        tests("SampleData", ["SampleData", "Partners", "TableFiles"]),
        tests(
            "Console",
            [
                "Console", "Credentials", "Threads", "Observability", "TestSupport", "Runtime", "Kafka", "Stores", "Contracts", "JSON",
                "Crypto", "HTTP",
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
                "CLI", "PartnerEffects", "Credentials", "Threads", "TestSupport", "CommandLine", "Runtime", "Partners", "TableFiles",
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
        tests("Journey", ["TestSupport", "Threads", "Kafka", "Contracts", "HTTP", "JSON", "Crypto"]),
        tests("Chaos", ["TestSupport", "Threads", "Kafka", "Contracts", "JSON", "HTTP"]),
        tests("Canary", ["TestSupport", "Threads", "Kafka", "Contracts", "JSON", "Crypto", "HTTP"]),
    ],
    swiftLanguageModes: [.v6]
)
