import CommandLine
import Contracts
import Foundation
import Runtime
import TestSupport
import Testing
import Threads

@testable import CLI

@Suite struct UpTests {
    @Test func servicesAreToldWhoTheyAre() throws {
        var options = LocalDeployment.Options()
        options.replicas = [.allocation: 3]
        let members = LocalDeployment.members(
            options, data: "/d", executables: "/b",
            environment: ["DAIFA_LOG_LEVEL": "debug", "DAIFA_STORE": "other", "DAIFA_HTTP_HOST": "0.0.0.0"],
            ports: [1, 2, 3, 4, 5, 6, 7])
        #expect(
            members.map(\.name) == [
                "authorization-1", "binding-1", "allocation-1", "allocation-2", "allocation-3", "waybill-1", "shipping-1",
            ])
        let third = try #require(members.first { $0.name == "allocation-3" })
        #expect(third.command == ["/b/daifa-allocation"] && third.log == "/d/logs/allocation-3.log" && third.port == 5)
        #expect(
            third.environment == [
                "DAIFA_LOG_LEVEL": "debug", "DAIFA_STORE": "sqlite:/d/allocation", "DAIFA_INSTANCE": "allocation-3", "DAIFA_HTTP_PORT": "5",
                "DAIFA_HTTP_HOST": "127.0.0.1",
            ])
    }

    @Test func portsThatAreTakenAreLeftOut() throws {
        #expect(try LocalDeployment.freePorts(from: 10, count: 3) { $0 != 11 } == [10, 12, 13])
        #expect(throws: CommandFailure.self) { try LocalDeployment.freePorts(from: 65_534, count: 3) { _ in true } }
    }

    @Test(arguments: ["allocation", "allocation=0", "allocation=x", "console=2", "alocation=2", "allocation=2=3", ""])
    func replicasThatMakeNoSenseAreRefused(text: String) { #expect(Replicas(argument: text) == nil) }

    @Test func theBrokersScriptIsFoundAboveTheExecutable() throws {
        let root = NSTemporaryDirectory() + "daifa-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: root) }
        try FileManager.default.createDirectory(atPath: "\(root)/deploy/kafka", withIntermediateDirectories: true)
        let script = "\(root)/deploy/kafka/broker"
        try Shell.write(
            "#!/bin/sh\n[ \"$1\" = stop ] && { touch \(root)/stopped; exit 0; }\necho \"KAFKA_BOOTSTRAP_SERVERS=h:$5\"\necho DAIFA_BROKER=apache-kafka\n(sleep 30 &)\n",
            script: script)
        #expect(try LocalBroker.script([:], executable: "\(root)/.build/debug/daifa") == script)
        #expect(try LocalBroker.script(["DAIFA_HOME": root], executable: "/nowhere") == script)
        #expect(throws: CommandFailure.self) { try LocalBroker.script(["DAIFA_HOME": "/nowhere"], executable: "\(root)/x") }

        let began = Clock.seconds
        let broker = try LocalBroker.start(
            folder: "\(root)/kafka", port: 77, environment: ["DAIFA_HOME": root, "PATH": "/usr/bin:/bin"], isInterrupted: { false })
        #expect(broker.bootstrapServers == "h:77" && broker.kind == "apache-kafka")
        // what it leaves running holds its standard output open
        #expect(Clock.seconds - began < 20)
        #expect(broker.stop() && FileManager.default.fileExists(atPath: "\(root)/stopped"))
    }

    @Test func aBrokerThatIsInterruptedOrFailsIsNone() throws {
        let root = NSTemporaryDirectory() + "daifa-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: root) }
        try FileManager.default.createDirectory(atPath: "\(root)/deploy/kafka", withIntermediateDirectories: true)
        let script = "\(root)/deploy/kafka/broker"
        try Shell.write(
            "#!/bin/sh\n[ \"$1\" = stop ] && { touch \(root)/stopped; exit 0; }\n[ \"$5\" = 1 ] && exit 70\nexec sleep 60\n", script: script
        )
        let environment = ["DAIFA_HOME": root, "PATH": "/usr/bin:/bin"]
        func code(_ port: UInt16) -> ExitCode? {
            do { _ = try LocalBroker.start(folder: root, port: port, environment: environment, isInterrupted: { port == 2 }) } catch {
                return ExitCode(for: error)
            }
            return nil
        }
        #expect(code(1) == .bug)
        #expect(FileManager.default.fileExists(atPath: "\(root)/stopped"))
        let began = Clock.seconds
        #expect(code(2) == .unavailable)
        #expect(Clock.seconds - began < 30)
    }

    @Test func pathsAreTakenApart() {
        #expect(Path.parent("/a/b") == "/a" && Path.parent("/a") == "/" && Path.parent("/") == nil && Path.parent("a") == nil)
        #expect(Path.absolute("/a") == "/a" && Path.absolute("./a").hasSuffix("/a") && !Path.absolute("./a").contains("./"))
    }
}

@Suite struct HealthCommandTests {
    @Test func aPortWithoutAListenerIsNotReady() {
        #expect(HealthProbe.get(port: 1, timeout: 1) == nil)
        #expect(Daifa.execute(["health", "--port", "1", "--quiet"]) == .unavailable)
    }

    @Test func theWholeProgramDescribesItself() {
        #expect(Daifa.execute(["completion", "fish"]) == .usage)
        #expect(CompletionScript.zsh(Daifa.self).contains("_daifa_up() {"))
    }
}
