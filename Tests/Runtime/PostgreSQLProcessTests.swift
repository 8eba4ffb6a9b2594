import Contracts
import Foundation
import TestSupport
import Testing

extension ProcessSuite {
    @Suite(.enabled(if: PostgresServer.isAvailable, Comment(rawValue: PostgresServer.need)))
    struct PostgreSQLProcessTests {
        @Test func killedAndCutOffAgainAndAgainItLosesAndDoublesNothing() async throws {
            try await onThread {
                let server = try PostgresServer.shared()
                let bench = try Bench(database: server)
                var process = try bench.start(.allocation)
                defer { process.kill() }
                try process.awaitReady()
                let name = bench.database(of: .allocation)
                try withOrderFlow(bench, rate: 500) { flow in
                    for _ in 0..<4 {
                        try flow.awaitMore(150)
                        process.kill()
                        process = try bench.start(.allocation)
                        try process.awaitReady()
                    }
                    for _ in 0..<8 {
                        try flow.awaitMore(80)
                        try server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(name)'")
                    }
                    try flow.awaitMore(200)
                }
                try process.awaitReady()
                #expect(process.claims > 6, "what was claimed in a session that is over is claimed again")
                try Self.lookInto(bench, server)
                try process.stop()
            }
        }

        /// Beside the service that runs.
        private static func lookInto(_ bench: Bench, _ server: PostgresServer) throws {
            let url = server.url(bench.database(of: .allocation))
            let said = try Shell.run("\(try bin())/daifa", ["store", "check", "--service", "allocation", "--store", url])
            #expect(said.contains("\"unreadable\":0") && !said.contains("\"aggregates\":0"), "\(said)")
            let refused = #expect(throws: Shell.Failure.self) { try adopt(bench, url, yes: false) }
            #expect(refused?.output.contains("is running on") == true, "\(String(describing: refused))")
        }

        private static func bin() throws -> String { try #require(ProcessInfo.processInfo.environment["DAIFA_BIN"]) }

        private static func adopt(_ bench: Bench, _ url: String, yes: Bool) throws -> String {
            let script = #"KAFKA_BOOTSTRAP_SERVERS="$1" "$2/daifa" adopt --service allocation --store "$3" $4"#
            return try Shell.run("/bin/sh", ["-c", script, "sh", bench.broker.bootstrapServers, bin(), url, yes ? "--yes" : ""])
        }

        @Test func aServerThatIsAwayIsWaitedForAtTheStartAndLater() async throws {
            try await onThread {
                let server = try PostgresServer()
                let bench = try Bench(database: server)
                try server.stop()
                let process = try bench.start(.allocation)
                defer { process.kill() }
                try process.await(obstacle: "waiting for the store")
                #expect(process.get("/health/live")?.status == 200)
                try server.restart()
                try process.awaitReady()
                try withOrderFlow(bench, rate: 500) { flow in
                    try flow.awaitMore(200)
                    try server.kill()
                    try process.await(obstacle: "waiting for the store")
                    #expect(process.get("/health/live")?.status == 200)
                    try server.restart()
                    try process.awaitReady()
                    try flow.awaitMore(200)
                }
                let other = try bench.start(.allocation, instance: "two")
                defer { other.kill() }
                try other.awaitReady()
                let third = try bench.start(.allocation, instance: "two")
                defer { third.kill() }
                try third.await(obstacle: "waiting for the store")
                try withOrderFlow(bench) { flow in
                    try flow.awaitMore(50)
                    try process.stop()
                    try flow.awaitMore(50)
                }
                try other.awaitReady()
                #expect(third.awaitExit(timeout: 60) == .status(78))
                let line = third.plainLines.joined()
                #expect(line.contains("DAIFA_INSTANCE") && line.contains("already running"), "\(line)")
                try other.stop()
            }
        }

        /// The standby never got the last commits, which were published: going on would lose them silently.
        @Test func aPromotedStandbyThatLacksCommitsEndsItWithAdvice() async throws {
            try await onThread {
                let primary = try PostgresServer()
                let bench = try Bench(database: primary)
                let standby = try PostgresServer(following: primary)
                let name = bench.database(of: .allocation)
                let url = "postgres://\(name)@127.0.0.1:\(primary.port),127.0.0.1:\(standby.port)/\(name)"
                let process = try bench.start(
                    .allocation, environment: ["DAIFA_STORE": url, "DAIFA_STORE_PASSWORD_FILE": primary.passwordFile(name)])
                defer { process.kill() }
                try process.awaitReady()
                let flow = try OrderFlow(bench.broker.configuration, rate: 300)
                try flow.awaitMore(200)
                // Nothing comes over any more, and the primary does not wait for it.
                try standby.stop()
                try flow.awaitMore(300)
                try primary.kill()
                try standby.restart()
                try standby.promote()
                #expect(process.awaitExit(timeout: 60) == .status(78))
                let line = process.plainLines.joined()
                #expect(line.contains("does not belong to this log") && line.contains("daifa adopt"), "\(line)")
                _ = try? flow.stop()

                // What cannot be brought back is accepted on purpose; then it goes on.
                let said = try Self.adopt(bench, standby.url(name), yes: true)
                #expect(said.contains("they fit now"), "\(said)")
                let again = try bench.start(.allocation, environment: ["DAIFA_STORE": standby.url(name)])
                defer { again.kill() }
                try again.awaitReady()
                try withOrderFlow(bench) { try $0.awaitMore(100) }
                try again.stop()
            }
        }

        @Test func whatIsWrongWithItsSettingsEndsItWithOneLine() async throws {
            try await onThread {
                let server = try PostgresServer.shared()
                let bench = try Bench(database: server)
                let name = bench.database(of: .allocation)
                let password = ["DAIFA_STORE_PASSWORD_FILE": "/nonexistent/password"]
                let cases: [(url: String, environment: [String: String], text: String)] = [
                    ("postgres://only-a-host", [:], "DAIFA_STORE: expected postgres://<role>@<host>"),
                    (server.url(name) + "x", [:], "DAIFA_STORE: "), (server.networkURL(name), [:], "DAIFA_STORE_PASSWORD_FILE"),
                    (server.networkURL(name), password, "DAIFA_STORE_PASSWORD_FILE: /nonexistent/password"),
                    ("postgres://\(name):s3cret@127.0.0.1:\(server.port)/\(name)", [:], "DAIFA_STORE: "),
                    (server.url(name), ["DAIFA_MASTER_KEY_FILE": ""], "DAIFA_MASTER_KEY_FILE: "),
                    (server.url(name), ["DAIFA_STORE_TIMEOUT": "0"], "DAIFA_STORE_TIMEOUT: "),
                ]
                for (url, environment, text) in cases {
                    let process = try bench.start(.allocation, environment: environment.merging(["DAIFA_STORE": url]) { $1 })
                    defer { process.kill() }
                    #expect(process.awaitExit(timeout: 30) == .status(78), "\(text)")
                    #expect(process.plainLines.count == 1 && process.plainLines[0].contains(text), "\(process.plainLines)")
                    #expect(!process.errorLines.joined().contains("s3cret"))
                }
                let console = try bench.start(.console, environment: ["DAIFA_STORE": server.url(name)])
                defer { console.kill() }
                #expect(console.awaitExit(timeout: 30) == .status(78))
                #expect(console.plainLines.joined().contains("sqlite:<folder>"), "\(console.plainLines)")
            }
        }
    }
}
