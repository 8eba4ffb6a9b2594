import Contracts
import Foundation
import JSON
import Kafka
import TestSupport
import Testing
import Threads

extension ProcessSuite {
    /// How a service's process starts and ends, as scripts and containers see it.
    @Suite struct ProcessTests {
        /// Runs a process that must end by itself with this status and one plain line. Blocking.
        private static func expectEnd(
            _ status: Int32, naming text: String, environment: [String: String] = [:], arguments: [String] = [], instance: String? = nil
        ) throws {
            let process = try Bench.shared().start(.allocation, instance: instance, environment: environment, arguments: arguments)
            defer { process.kill() }
            #expect(process.awaitExit(timeout: 60) == .status(status), "\(process.errorLines.suffix(5))")
            #expect(process.plainLines.count == 1, "one line tells a person why: \(process.plainLines)")
            #expect(process.plainLines.first?.contains(text) == true, "\(process.plainLines)")
        }

        @Test func itEndsCleanlyOnSIGTERMAndSIGINT() async throws {
            try await onThread {
                for signal in [SIGTERM, SIGINT] {
                    let process = try Bench.shared().start(.allocation)
                    try process.awaitReady()
                    let start = ContinuousClock.now
                    process.send(signal: signal)
                    #expect(process.awaitExit(timeout: 20) == .status(0))
                    #expect(start.duration(to: .now) < .seconds(10))
                    #expect(process.plainLines == [])
                    #expect(process.errorLines.last?.contains("\"stopped\"") == true)
                }
            }
        }

        @Test func itsLogIsJSON() async throws {
            try await onThread {
                let process = try Bench.shared().start(.allocation, environment: ["DAIFA_LOG_LEVEL": "debug", "DAIFA_TYPO": "\"1\n2\""])
                try process.awaitReady()
                try process.stop()
                #expect(process.errorLines.count > 3)
                for line in process.errorLines {
                    let entry = try JSONValue.decode(Array(line.utf8))
                    #expect(entry["level"]?.string != nil && entry["message"]?.string?.isEmpty == false)
                    #expect(entry["service"]?.string == "allocation")
                    #expect(entry["time"]?.string.flatMap { Timestamp($0) } != nil)
                }
                #expect(process.errorLines.contains { $0.contains("DAIFA_TYPO") }, "a variable without a meaning is told")
            }
        }

        @Test func itAnswersAboutItself() async throws {
            try await onThread {
                for (argument, text) in [("--help", "DAIFA_STORE"), ("-h", "--check"), ("--version", "daifa-allocation ")] {
                    let process = try Bench.shared().start(.allocation, environment: ["DAIFA_PARTITIONS": "wrong"], arguments: [argument])
                    #expect(process.awaitExit(timeout: 30) == .status(0))
                    #expect(process.errorLines.contains { $0.contains(text) })
                }
            }
        }

        @Test func unknownArguments() async throws {
            try await onThread {
                try Self.expectEnd(64, naming: "--help", arguments: ["--verbose"])
                try Self.expectEnd(64, naming: "--help", arguments: ["--check", "--version"])
            }
        }

        @Test(arguments: [
            ("DAIFA_PARTITIONS", "six"), ("DAIFA_STORE", "mysql:x"), ("DAIFA_HTTP_PORT", "70000"), ("DAIFA_AUTH", "maybe"),
            ("DAIFA_LOG_LEVEL", "loud"), ("KAFKA_SECURITY_PROTOCOL", "magic"), ("DAIFA_STORE", "sqlite:/nonexistent/a/b/c"),
            ("DAIFA_STORE", "sqlite:/dev/null"), ("DAIFA_AUTH_KEYS", "/nonexistent/keys.json"),
            ("DAIFA_AUTH_KEYS", "http://issuer.example/keys"),
        ])
        func aWrongSetting(name: String, value: String) async throws {
            try await onThread {
                var environment = [name: value]
                let keys = try TemporaryText(ServiceKey().line)
                defer { withExtendedLifetime(keys) {} }
                if name == "DAIFA_AUTH_KEYS" { environment.merge(["DAIFA_AUTH": "required", "DAIFA_SERVICE_KEY_FILE": keys.path]) { $1 } }
                try Self.expectEnd(78, naming: name, environment: environment)
            }
        }

        /// Whether something listens on the port of another address of loopback.
        private static func answersElsewhere(_ port: UInt16) -> Bool {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0002).bigEndian
            return withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
            } == 0
        }

        @Test func itListensOnOneAddressUnlessItIsTold() async throws {
            try await onThread {
                for (environment, isOpen) in [([:], false), (["DAIFA_HTTP_HOST": "0.0.0.0"], true)] as [([String: String], Bool)] {
                    let process = try Bench.shared().start(.binding, environment: environment)
                    defer { process.kill() }
                    try process.awaitReady()
                    #expect(Self.answersElsewhere(process.httpPort) == isOpen)
                    try process.stop()
                }
                try Self.expectEnd(78, naming: "DAIFA_HTTP_HOST", environment: ["DAIFA_HTTP_HOST": "203.0.113.1"])
            }
        }

        @Test func aPortThatIsTaken() async throws {
            try await onThread {
                let bench = try Bench.shared()
                let first = try bench.start(.binding)
                defer { first.kill() }
                try first.awaitReady()
                try Self.expectEnd(78, naming: "DAIFA_HTTP_PORT", environment: ["DAIFA_HTTP_PORT": "\(first.httpPort)"])
                try first.stop()
            }
        }

        @Test func aSecondProcessUnderOneName() async throws {
            try await onThread {
                let first = try Bench.shared().start(.allocation, instance: "twin")
                defer { first.kill() }
                try first.awaitReady()
                try Self.expectEnd(78, naming: "DAIFA_INSTANCE", instance: "twin")
                #expect(first.get("/health/ready")?.status == 200)
                // A crash leaves no lock behind.
                first.kill()
                let second = try Bench.shared().start(.allocation, instance: "twin")
                defer { second.kill() }
                try second.awaitReady()
                try second.stop()
            }
        }

        @Test func topicsWithAnotherNumberOfPartitions() async throws {
            try await onThread {
                let first = try Bench.shared().start(.allocation)
                try first.awaitReady()
                try first.stop()
                try Self.expectEnd(78, naming: "DAIFA_PARTITIONS", environment: ["DAIFA_PARTITIONS": "5"])
                try Self.expectEnd(78, naming: "DAIFA_PARTITIONS", environment: ["DAIFA_PARTITIONS": "5"], arguments: ["--check"])
            }
        }

        @Test func aCheckOfWhatIsGood() async throws {
            try await onThread {
                let process = try Bench.shared().start(.allocation, arguments: ["--check"])
                #expect(process.awaitExit(timeout: 60) == .status(0), "\(process.errorLines)")
            }
        }

        /// A health check of a container runs beside the service, with its environment.
        @Test func aCheckBesideTheServiceItself() async throws {
            try await onThread {
                let bench = try Bench.shared()
                let service = try bench.start(.allocation)
                defer { service.kill() }
                try service.awaitReady()
                let check = try bench.start(.allocation, arguments: ["--check"])
                #expect(check.awaitExit(timeout: 60) == .status(0), "\(check.errorLines)")
                try service.stop()
            }
        }

        @Test func aCheckWithoutKafka() async throws {
            try await onThread {
                try Self.expectEnd(
                    78, naming: "KAFKA_BOOTSTRAP_SERVERS", environment: ["KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"], arguments: ["--check"])
            }
        }
    }
}
