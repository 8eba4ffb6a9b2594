import Contracts
import HTTP
import JSON
import ReadModel
import Runtime
import Testing

@testable import Console

@Suite struct ConsentCallbackTests {
    private static let known: Known = {
        var known = Known()
        var row = ConsentRow()
        row.key = "jd-fulfillment:pin-1"
        row.authorizationId = "a-1"
        row.correlationId = "talk-1"
        known.consents["s-1"] = row
        row.key = "channel:c-1"
        row.authorizationId = "a-2"
        row.channelId = "c-1"
        row.provider = .pinduoduo
        known.consents["s-2"] = row
        return known
    }()

    private func command(
        _ query: [(String, String)], provider: Provider = .jdFulfillment, _ known: Known = Self.known
    ) throws(Problem) -> OutgoingCommand {
        try ConsentCallback(.callback(query, provider: provider.rawValue), provider: provider).command(known)
    }

    @Test func aCodeCompletesTheConsent() throws {
        let command = try command([("code", "c-1"), ("state", "s-1"), ("message_subscription", "true")])
        #expect(command.topic == "daifa.authorization.commands" && command.key == "jd-fulfillment:pin-1")
        #expect(command.envelope.type == "daifa.authorization.complete.v1" && command.envelope.subject == "a-1")
        #expect("\(command.envelope.actor)" == "partner:jd-fulfillment" && command.envelope.correlationId == "talk-1")
        let data = try Complete.decode(command.body)
        #expect(data.authorizationId == "a-1" && data.code == "c-1" && data.state == "s-1" && data.messageSubscription == true)
        #expect(data.redirectUrl == nil && data.channelId == nil)
    }

    @Test func aChannelsConsent() throws {
        let command = try command([("state", "s-2"), ("code", "c/ 1")], provider: .pinduoduo)
        let data = try Complete.decode(command.body)
        #expect(command.key == "channel:c-1" && data.channelId == "c-1" && data.authorizationId == "a-2" && data.code == "c/ 1")
        #expect(data.messageSubscription == nil && "\(command.envelope.actor)" == "partner:pinduoduo")
    }

    @Test func aDenialIsPassedOnAsItsAddress() throws {
        let command = try command([("error", "access_denied"), ("error_description", "不 & yes"), ("state", "s-1")])
        let data = try Complete.decode(command.body)
        #expect(
            data.redirectUrl
                == "https://daifa.example/partners/jd-fulfillment/callback?error=access_denied&error_description=%E4%B8%8D%20%26%20yes&state=s-1"
        )
        #expect(data.code == nil && data.state == nil && data.authorizationId == "a-1")
    }

    @Test func theIdFollowsFromProviderStateAndCode() throws {
        let first = try command([("code", "c-1"), ("state", "s-1")])
        let again = try command([("state", "s-1"), ("code", "c-1"), ("message_subscription", "0")])
        #expect(first.envelope.id == again.envelope.id)
        let others = [
            try command([("code", "c-2"), ("state", "s-1")]), try command([("error", "c-1"), ("state", "s-1")]),
            try command([("code", "c-1"), ("state", "s-2")], provider: .pinduoduo),
        ]
        #expect(Set(others.map(\.envelope.id) + [first.envelope.id]).count == 4)
    }

    private static let damaged: [(query: [(String, String)], field: String)] = [
        ([("code", "c")], "state"), ([("state", "s-1")], "code"), ([("code", ""), ("state", "s-1")], "code"),
        ([("code", "c"), ("state", "")], "state"), ([("code", "c"), ("code", "d"), ("state", "s-1")], "code"),
        ([("code", "c"), ("state", "s-1"), ("state", "s-2")], "state"), ([("error", ""), ("state", "s-1")], "error"),
        ([("code", String(repeating: "c", count: 1001)), ("state", "s-1")], "code"),
        ([("code", "c"), ("state", String(repeating: "s", count: 201))], "state"),
        ([("code", "c"), ("state", "s-1"), ("message_subscription", "maybe")], "message_subscription"),
        ([("error", "e"), ("state", "s-1"), ("error_description", String(repeating: "&", count: 2000))], "error"), ([], "state"),
    ]

    @Test(arguments: damaged)
    func aLinkThatIsDamaged(query: [(String, String)], field: String) {
        let problem = problem { () throws(Problem) in _ = try command(query) }
        #expect(problem?.status == 400 && problem?.field == field && problem?.code == "invalid")
    }

    @Test(arguments: [Provider.jdFulfillment, .pinduoduo]) func aStateThatNobodyAskedFor(provider: Provider) {
        // The other provider's state is none of this one's.
        for state in ["s-9", provider == .pinduoduo ? "s-1" : "s-2"] {
            let problem = problem { () throws(Problem) in _ = try command([("code", "c"), ("state", state)], provider: provider) }
            #expect(problem?.status == 400 && problem?.field == "state" && problem?.restsOnModel == true)
            #expect(problem?.code == "consent-state-mismatch")
        }
    }

    @Test func aStoreThatCannotBeRead() {
        var broken = Self.known
        broken.isBroken = true
        let problem = problem { () throws(Problem) in _ = try command([("code", "c"), ("state", "s-1")], provider: .jdFulfillment, broken) }
        #expect(problem == .unavailable)
    }

    @Test func traceContextIsPassedOnWhenItIsOne() throws {
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        for (text, expected) in [(trace, trace), (trace.uppercased(), nil), ("00-1-2-3", nil), (trace + "\u{e9}", nil)]
            as [(String, String?)]
        {
            var request = HTTPRequest.callback([("code", "c"), ("state", "s-1")])
            request.headers.append(HTTPRequest.Field("traceparent", text))
            let command = try ConsentCallback(request, provider: .jdFulfillment).command(Self.known)
            #expect(command.envelope.traceparent == expected)
        }
    }
}
