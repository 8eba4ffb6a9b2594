import Contracts
import HTTP
import Identity
import JSON
import ReadModel
import Testing
import Texts
import Threads
import Web

@testable import Console

@Suite struct OperatorViewsSuite {
    private static func replica(
        _ service: String, ready: Bool = true, reason: String? = nil, lag: Int = 0, retrying: Int = 0
    ) -> ServiceReplica {
        var replica = ServiceReplica(service: service)
        (replica.instance, replica.isReady, replica.reason) = ("\(service)-1", ready, reason)
        replica.shards = [(0, lag)]
        replica.effects = [("retrying", retrying)]
        return replica
    }

    /// A page's frame of an operator.
    private static func frame(_ fixture: PeopleFixture, _ body: @escaping @Sendable (PageFrame) -> HTTPResponse) async throws -> String {
        let kit = fixture.kit
        var router = Router<Visit, Problem>(
            context: { _ in Visit(language: .en, client: .test) }, refusal: { why, _ in .text("", status: why.status) },
            failure: { problem, _ in problem.response() })
        router.group("/o") { (group: inout ConsoleGroup) in
            group.get("/page") { (call) throws(Problem) in
                var call = call
                call.context.asker = Asker(
                    open: nil, caller: Caller(userId: "u1", actor: "operator:u1", role: .owner), name: "u1")
                return body(kit.frame(call))
            }
        }
        let made = router
        return await withCheckedContinuation { continuation in
            made.respond(to: HTTPRequest(method: "GET", path: "/o/page")) { continuation.resume(returning: $0.page) }
        }
    }

    // MARK: The chain

    @Test func whatLiesBehindTheFirstFailureIsHalted() {
        let chain = ServiceChain([Self.replica("binding"), Self.replica("waybill", ready: false, reason: "the store: disk full")])
        #expect(chain.failure == .store)
        #expect(chain.links.map(\.state) == [.ready, .ready, .notReady, .halted, .halted, .halted, .halted])
        #expect(chain.links[2].replicas == ["waybill-1"])
    }

    @Test func fallingBehindIsNoFailure() {
        let chain = ServiceChain([Self.replica("waybill", lag: 5000, retrying: 2)])
        #expect(chain.failure == nil)
        #expect(chain.links.map(\.state) == [.ready, .ready, .ready, .slow, .ready, .ready, .slow])
    }

    @Test func aServiceThatSaysNothingIsAFailure() {
        #expect(ServiceChain([Self.replica("binding"), ServiceReplica(service: "waybill")]).failure == .shards)
        #expect(ServiceChain([Self.replica("binding", ready: false, reason: "Kafka: no broker")]).failure == .kafka)
    }

    @Test func numbersThatDoNotFitTogetherDoNotTrap() throws {
        let item = try JSONValue.decode(
            Array(#"{"service":"x","shards":[{"shard":0,"lag":9223372036854775807},{"shard":1,"lag":9}],"outbox":-4}"#.utf8))
        let replica = try #require(ServiceReplica(item))
        #expect(replica.lag == .max && replica.outbox == 0 && !replica.isReady && replica.instance == nil)
    }

    @Test func theFirstFailureStandsOnTop() async throws {
        let replicas = [Self.replica("waybill", ready: false, reason: "the store: <full>")]
        let page = try await Self.frame(try PeopleFixture()) { frame in
            ServicesView(frame: frame, replicas: replicas, now: PeopleFixture.now).response
        }
        #expect(page.contains("First failure: Store") && page.contains("the store: &lt;full&gt;"))
        #expect(page.contains("Halted: something before it fails"))
    }

    // MARK: Dead letters

    @Test func aLettersBytesAreShownOnlyWhenAsked() async throws {
        let letter = Self.letter
        let plain = try await Self.frame(try PeopleFixture()) { DeadLetterPageView(frame: $0, letter: letter).response }
        #expect(plain.contains("Show the contents") && plain.contains("Missing or wrong field"))
        let body: JSONValue = .object([("name", .string("***")), ("<b>", .int(1))])
        let shown = try await Self.frame(try PeopleFixture()) {
            DeadLetterPageView(frame: $0, letter: letter, isAsked: true, body: body).response
        }
        #expect(shown.contains("&quot;name&quot;: &quot;***&quot;") && shown.contains("&lt;b&gt;") && !shown.contains("<b>"))
        let gone = try await Self.frame(try PeopleFixture()) { DeadLetterPageView(frame: $0, letter: letter, isAsked: true).response }
        #expect(gone.contains("The log does not hold its contents any more."))
        let number = try await Self.frame(try PeopleFixture()) {
            DeadLetterPageView(frame: $0, letter: letter, isAsked: true, body: .int(17)).response
        }
        #expect(number.contains("17 bytes, not JSON: not shown"))
    }

    @Test func aReplayIsConfirmedWithItsNumber() async throws {
        let letter = Self.letter
        let page = try await Self.frame(try PeopleFixture()) { ReplayView(frame: $0, letters: [letter]).response }
        #expect(page.contains("Replay 1 dead letter") && page.contains("value=\"daifa.waybill.dead:3:17\""))
        let nothing = try await Self.frame(try PeopleFixture()) { ReplayView(frame: $0, letters: []).response }
        #expect(nothing.contains("Nothing is selected yet."))
    }

    private static var letter: DeadLetterView {
        var letter = DeadLetterView()
        (letter.id, letter.service, letter.reason, letter.size) = ("daifa.waybill.dead:3:17", .waybill, "invalid: quantity", 80)
        (letter.topic, letter.partition, letter.offset) = ("daifa.waybill.commands", 3, 12)
        return letter
    }

    // MARK: Commands and histories

    @Test func aRefusedCommandSaysWhatHappenedAndWhatToDo() async throws {
        var command = SentCommand(
            commandId: "c1", actor: "operator:u1", user: "u1", service: "allocation", command: "allocate", key: "o1",
            at: PeopleFixture.now, state: .refused)
        command.refusal = LedgerRefusal(code: "quantity-exceeded", detail: "")
        let event = #"{"type":"daifa.allocation.refused.v1","time":"2026-09-21T12:53:20.000Z","data":{"code":"quantity-exceeded"}}"#
        command.events = [Array(event.utf8)]
        let made = command
        let page = try await Self.frame(try PeopleFixture()) { CommandPageView(frame: $0, command: made).response }
        #expect(page.contains("More was allocated than is left.") && page.contains("Refresh to see what is left"))
        #expect(page.contains("Allocation command refused: More was allocated than is left.") && page.contains("Command Allocate"))
    }

    @Test func aLongHistoryFoldsItsMiddle() async throws {
        let lines = (0..<30).map { number in
            TimelinePart.Line(time: PeopleFixture.now, type: "daifa.waybill.event\(number).v1", actor: "service:waybill")
        }
        let page = try await Self.frame(try PeopleFixture()) { frame in
            frame.page("x") { TimelinePart(frame: frame, lines: lines).html }
        }
        #expect(
            page.contains("Show 22 records in between") && page.contains("Other record: waybill.event0") && page.contains("By The system"))
    }
}
