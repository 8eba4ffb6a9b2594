import HTTP
import Identity
import Runtime
import TestSupport
import Testing
import Threads
import Web

@testable import Console

/// Logging in with a provider of OpenID Connect, from the login's link to the session. On threads of their own: the provider is asked by tasks.
@Suite struct ProviderPagesTests {
    /// A browser that is on its way.
    private struct Way {
        var guest: Guest
        var state: String
        var nonce: String
        var location: String
    }

    private func begin(_ scene: ConsoleScene, next: String = "") throws -> Way {
        let answer = scene.ask("GET", "/oidc/begin\(next.isEmpty ? "" : "?next=\(PercentEncoding.encode(next))")")
        #expect(answer.status == 303)
        let location = try #require(answer.header("location"))
        let query = RequestTarget("/?\(location.split(separator: "?").last ?? "")").query
        let cookie = try #require(answer.header("set-cookie"))
        #expect(cookie.hasPrefix("__Host-daifa_oidc=") && cookie.contains("Max-Age=600") && cookie.contains("Secure"))
        #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"))
        let pair = String(cookie.prefix { $0 != ";" })
        func value(_ name: String) throws -> String { try #require(query.first { $0.name == name }?.value) }
        return Way(
            guest: Guest.nobody.setting("Cookie", pair), state: try value("state"), nonce: try value("nonce"), location: location)
    }

    private func claims(_ scene: ConsoleScene, _ way: Way, _ more: String = #""daifa_actors":["merchant:m1","factory:f9#clerk"]"#) -> String
    {
        let exp = scene.clock.now.milliseconds / 1000 + 300
        return
            #""iss":"\#(PlayedProvider.issuer)","sub":"u-1","aud":"daifa","exp":\#(exp),"nonce":"\#(way.nonce)","preferred_username":"wang",\#(more)"#
    }

    private func back(_ scene: ConsoleScene, _ way: Way, code: String = "c1", state: String? = nil) -> SceneAnswer {
        scene.ask("GET", "/oidc/callback?code=\(code)&state=\(state ?? way.state)", as: way.guest)
    }

    private func session(_ answer: SceneAnswer) -> String? {
        answer.response.headers.map(\.value).first { $0.hasPrefix("daifa_session=") }?.split(separator: ";").first.map(String.init)
    }

    /// Back at the login, with the reason and without what the provider has put into the address.
    private func isFailed(_ answer: SceneAnswer, _ why: ProviderFailure) -> Bool {
        answer.status == 303 && session(answer) == nil && answer.header("location")?.hasSuffix("oidc=\(why.rawValue)") == true
            && answer.header("location")?.contains("code") == false
    }

    @Test func theLoginLeadsToTheProviderByALinkAndBackIntoTheShop() async throws {
        try await onThread {
            let provider = try PlayedProvider()
            let scene = try ConsoleScene(provider: provider)
            let login = scene.ask("GET", "/login?next=%2Fm%2Fm1%2Forders")
            #expect(login.text.contains(#"href="/oidc/begin?next=%2Fm%2Fm1%2Forders""#))
            let way = try begin(scene, next: "/m/m1/orders")
            #expect(
                way.location.hasPrefix("\(PlayedProvider.issuer)/auth?response_type=code&client_id=daifa&redirect_uri=https%3A%2F%2Fdaifa"))
            #expect(way.location.contains("code_challenge_method=S256"))
            provider.give(claims(scene, way), for: "c1")
            let answer = back(scene, way)
            #expect(answer.status == 303 && answer.header("location") == "/m/m1/orders")
            #expect(answer.response.headers.contains { $0.value.hasPrefix("__Host-daifa_oidc=;") }, "the way's cookie is gone")
            let cookie = try #require(session(answer))
            let orders = scene.ask("GET", "/m/m1/orders", as: Guest.nobody.setting("Cookie", cookie))
            #expect(orders.status == 200 && orders.text.contains("wang"))
            #expect(scene.ask("GET", "/f/f9/parcels", as: Guest.nobody.setting("Cookie", cookie)).status == 200)
            #expect(scene.ask("GET", "/m/m2/orders", as: Guest.nobody.setting("Cookie", cookie)).status == 404)
            #expect(scene.transport.events.contains { $0.envelope.type == "daifa.console.session-opened.v1" })
            // The same code, and the same way, are good once.
            #expect(isFailed(back(scene, way), .refused))
        }
    }

    @Test func membershipsAreThoseOfTheLastLogInAndStreamsEndWithThem() async throws {
        try await onThread {
            let provider = try PlayedProvider()
            let scene = try ConsoleScene(provider: provider)
            var way = try begin(scene)
            provider.give(claims(scene, way), for: "c1")
            let cookie = try #require(session(back(scene, way)))
            let guest = Guest.nobody.setting("Cookie", cookie)
            #expect(scene.ask("GET", "/m/m1/stream", as: guest).status == 200 && scene.parts.streams.count == 1)
            way = try begin(scene)
            provider.give(claims(scene, way, #""daifa_actors":["merchant:m2"]"#), for: "c2")
            #expect(back(scene, way, code: "c2").status == 303)
            #expect(scene.ask("GET", "/m/m1/orders", as: guest).status == 404 && scene.ask("GET", "/m/m2/orders", as: guest).status == 200)
            #expect(scene.parts.streams.count == 0)
        }
    }

    @Test func whatDidNotBeginInThisBrowserIsNoLogIn() async throws {
        try await onThread {
            let provider = try PlayedProvider()
            let scene = try ConsoleScene(provider: provider)
            let (way, other) = (try begin(scene), try begin(scene))
            for answer in [
                scene.ask("GET", "/oidc/callback?code=c1&state=\(way.state)"), back(scene, way, state: other.state),
                back(scene, way, state: ""),
                scene.ask("GET", "/oidc/callback?code=c1", as: way.guest),
                scene.ask("GET", "/oidc/callback?state=\(way.state)", as: way.guest),
                scene.ask("GET", "/oidc/callback?code=c1&state=\(way.state)&state=\(way.state)", as: way.guest),
            ] {
                #expect(isFailed(answer, .late))
            }
            #expect(!provider.asked.contains("\(PlayedProvider.issuer)/token"))
        }
    }

    @Test(arguments: ["aud", "iss", "nonce", "exp", "sub"]) func aTokenThatIsNotGoodOpensNothing(wrong: String) async throws {
        try await onThread {
            let provider = try PlayedProvider()
            let scene = try ConsoleScene(provider: provider)
            let way = try begin(scene)
            var text = claims(scene, way)
            switch wrong {
            case "aud": text = text.replacing(#""aud":"daifa""#, with: #""aud":"other""#)
            case "iss": text = text.replacing(PlayedProvider.issuer, with: "https://evil.example")
            case "nonce": text = text.replacing(way.nonce, with: try begin(scene).nonce)
            case "exp": scene.clock.advance(seconds: 361)
            default: text = text.replacing(#""sub":"u-1""#, with: #""sub":"""#)
            }
            provider.give(text, for: "c1")
            #expect(isFailed(back(scene, way), .refused))
        }
    }

    @Test func aKeyThatIsNewIsReadAgain() async throws {
        try await onThread {
            let provider = try PlayedProvider()
            let scene = try ConsoleScene(provider: provider)
            for code in ["c1", "c2", "c3"] {
                if code == "c3" { provider.change(try TokenIssuer(id: "new")) }
                let way = try begin(scene)
                provider.give(claims(scene, way), for: code)
                #expect(back(scene, way, code: code).status == 303)
            }
            #expect(provider.asked.filter { $0.hasSuffix("/keys") }.count == 2, "for the first token, and the one of the new key")
        }
    }

    @Test func theProvidersErrorAndItsAbsenceAreTold() async throws {
        try await onThread {
            let provider = try PlayedProvider()
            let scene = try ConsoleScene(provider: provider)
            let way = try begin(scene)
            let denied = scene.ask("GET", "/oidc/callback?error=access_denied&state=\(way.state)", as: way.guest)
            #expect(isFailed(denied, .refused))
            provider.go(away: true)
            #expect(isFailed(back(scene, way), .away))
            let cold = try ConsoleScene(provider: provider)
            #expect(isFailed(cold.ask("GET", "/oidc/begin"), .away))
            let login = cold.ask("GET", "/login?oidc=away").text
            #expect(login.contains("cannot be reached at the moment") && login.contains("name=\"password\""))
        }
    }

    @Test func withoutAProviderThereIsNoSuchWay() throws {
        let scene = try ConsoleScene()
        #expect(!scene.ask("GET", "/login").text.contains("/oidc/") && scene.ask("GET", "/oidc/begin").status == 404)
    }
}
