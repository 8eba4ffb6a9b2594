import Contracts
import Crypto
import Foundation
import HTTP
import JSON
import Kafka
import TestSupport
import Testing
import Threads

extension JourneySuite {
    /// A console before authorization and shipping, asked as a browser and a partner ask it. One after the other: credentials are sealed for
    /// the console that has announced a key last.
    @Suite(.serialized) struct ConsoleTests {
        /// The process, and how it is asked.
        struct ConsoleClient: Sendable {
            let process: ServiceProcess
            let store: URL
            private let http: HTTPClient

            /// Blocking; ready when it returns.
            init(_ broker: Broker, store: URL, environment: [String: String] = [:]) throws {
                self.store = store
                process = try ServiceProcess(.console, broker: broker, store: store, environment: environment)
                try process.awaitReady()
                http = try HTTPClient()
            }

            static func makeFolder() throws -> URL {
                let folder = FileManager.default.temporaryDirectory.appendingPathComponent(uniqueName("console"))
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                return folder
            }

            func send(
                _ method: String, _ path: String, headers: [(name: String, value: String)] = [], body: String = ""
            ) async throws -> HTTPClientResponse {
                try await http.send(
                    HTTPClientRequest(
                        method: method, url: "http://127.0.0.1:\(process.httpPort)\(path)", headers: headers, body: Array(body.utf8),
                        timeout: 30))
            }

            /// Pushes a status until it is taken: the console may learn of a credential or an order after the test. As JD does.
            func pushed(_ number: String, _ code: String) async throws -> Bool {
                let deadline = ContinuousClock.now + .seconds(60)
                while try await push(number, code) != 200 {
                    if ContinuousClock.now > deadline { return false }
                    try await Task.sleep(for: .milliseconds(200))
                }
                return true
            }

            /// A status as JD pushes it, signed with the platform's application.
            func push(_ number: String, _ code: String) async throws -> Int {
                let time = Timestamp.now.milliseconds
                let body =
                    #"{"messageId":"\#(uniqueName("m"))","orderType":"XSCK","orderNo":"\#(number)","statusCode":"\#(code)","#
                    + #""operateTime":"2026-11-24 16:00:00"}"#
                let signature = Digest.hmacSHA256(Array("\(time)\(body)".utf8), key: Array("jd-secret".utf8))
                let headers = [
                    (name: "x-jd-app-key", value: "jd-app"), (name: "x-jd-timestamp", value: "\(time)"),
                    (name: "x-jd-signature", value: Base64.encode(signature)),
                ]
                return try await send("POST", "/partners/jd-fulfillment/status", headers: headers, body: body).status
            }
        }

        @Test func aConsentComesBackThroughTheConsoleAndGrants() async throws {
            let scene = try await PinScene.start()
            let broker = scene.scenario.system.broker
            let console = try await onThread { try ConsoleClient(broker, store: try ConsoleClient.makeFolder()) }
            let redirect = try await scene.agreed(subscribe: true)
            let query = try #require(redirect.split(separator: "?", maxSplits: 1).last)
            let page = try await console.send("GET", "/partners/jd-fulfillment/callback?\(query)")
            #expect(page.status == 200)
            let granted = try await scene.client.event(Granted.self, key: scene.key).body(Granted.self)
            #expect(granted.source == .partner && granted.messageSubscription && granted.warehouseId == scene.authorizationId)
            _ = try await scene.credential(nil, .console, version: 1)
            try await onThread {
                try console.process.stop()
                try FileManager.default.removeItem(at: console.store)
            }
        }

        @Test func aConsentThatIsDeniedIsToldByThePageAndOnTheTopic() async throws {
            let scene = try await PinScene.start()
            let console = try await onThread { try ConsoleClient(scene.scenario.system.broker, store: try ConsoleClient.makeFolder()) }
            let asked = try await scene.scenario.accepted(scene.begin()).body(ConsentRequested.self)
            // What else the partner writes into the address, however often, is none of ours.
            let query = "error=access_denied&error_description=no&state=\(asked.state)&trace=1&trace=2"
            #expect(try await console.send("GET", "/partners/jd-fulfillment/callback?\(query)").status == 200)
            let key = scene.key
            let refused = try await scene.client.first("a refusal of complete") { $0.isRefusal && $0.key == key }.refused
            #expect(refused?.code == .consentDenied && refused?.commandType == Complete.type)
            try await onThread {
                try console.process.stop()
                try FileManager.default.removeItem(at: console.store)
            }
        }

        @Test func aConsoleWhoseKeyIsRotatedIsSealedForAnew() async throws {
            let scene = try await WarehouseScene.linked()
            let console = try await onThread { try ConsoleClient(scene.scenario.system.broker, store: try ConsoleClient.makeFolder()) }
            let printed = try await onThread { try runDaifa("keys", "rotate", "--data", console.store.path, "--json") }
            let lines = try printed.split(separator: "\n").map { try JSONValue.decode(Array($0.utf8)) }
            let new = lines.last { $0["purpose"]?.string == "credential" && $0["newest"] == .bool(true) }
            let second = try #require(new?["keyId"]?.string)
            let key = CredentialRow.key(scene.warehouseId, .console)
            _ = try await scene.client.first("the credential sealed for the console's new key") {
                $0.topic == Table.credentials.topic && $0.key == key && $0.data["sealed"]?["keyId"]?.string == second
            }
            let (orderId, _, number) = try await scene.created()
            #expect(try await console.pushed(number, "10017"))
            _ = try await scene.client.event(OutboundStatus.self, key: orderId) { $0.data["state"]?.string == "packed" }
            try await onThread {
                try console.process.stop()
                try FileManager.default.removeItem(at: console.store)
            }
        }

        @Test func aPushReachesShippingAlsoAfterTheConsoleHasLostItsStore() async throws {
            let scene = try await WarehouseScene.linked()
            let broker = scene.scenario.system.broker
            let first = try await onThread { try ConsoleClient(broker, store: try ConsoleClient.makeFolder()) }
            let key = CredentialRow.key(scene.warehouseId, .console)
            let sealed = try await scene.client.first("a credential for the console") {
                $0.topic == Table.credentials.topic && $0.key == key && $0.message.value != nil
            }.body(CredentialRow.self)
            let (orderId, allocationId, number) = try await scene.created()
            #expect(try await first.pushed(number, "10017"))
            let packed = try await scene.client.event(OutboundStatus.self, key: orderId) { $0.data["state"]?.string == "packed" }
            #expect(try packed.body(OutboundStatus.self).allocationId == allocationId)

            // Another key: what was sealed for the first one cannot be opened any more.
            let second = try await onThread {
                first.process.kill()
                try FileManager.default.removeItem(at: first.store)
                return try ConsoleClient(broker, store: try ConsoleClient.makeFolder())
            }
            let anew = try await scene.client.first("the credential sealed anew") {
                $0.topic == Table.credentials.topic && $0.key == key && $0.message.value != nil
                    && $0.data["sealed"]?["keyId"]?.string != sealed.sealed.keyId
            }.body(CredentialRow.self)
            #expect(anew.version == sealed.version && anew.account == sealed.account)
            #expect(try await second.pushed(number, "10019"))
            let handedOver = try await scene.client.event(OutboundStatus.self, key: orderId) { $0.data["state"]?.string == "handed-over" }
            #expect(try handedOver.body(OutboundStatus.self).partnerNumber == number)
            try await onThread {
                try second.process.stop()
                try FileManager.default.removeItem(at: second.store)
            }
        }
    }
}
