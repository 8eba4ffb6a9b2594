import Contracts
import Identity
import JSON
import ReadModel
import Testing
import Web

@testable import Console
@testable import HTTP

/// What the pages of a shop are told while somebody looks at them.
@Suite struct PageStreamTests {
    private typealias Told = (event: String, id: String, data: JSONValue)

    /// All that was sent into a stream so far.
    private static func told(_ answer: SceneAnswer) throws -> [Told] {
        let stream = try #require(answer.response.stream)
        // Something is always there: a stream that has nothing would be suspended.
        stream.write(ServerSentEvent.comment)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 1)
        defer { buffer.deallocate() }
        guard case .bytes(let count) = stream.read(buffer) else { return [] }
        let text = String(decoding: buffer[..<count], as: UTF8.self)
        return text.split(separator: "\n\n").compactMap { part in
            var told: Told = ("", "", .null)
            for line in part.split(separator: "\n") {
                if line.hasPrefix("event: ") { told.event = String(line.dropFirst(7)) }
                if line.hasPrefix("id: ") { told.id = String(line.dropFirst(4)) }
                if line.hasPrefix("data: ") { told.data = (try? JSONValue.decode(Array(line.dropFirst(6).utf8))) ?? .null }
            }
            return told.event.isEmpty ? nil : told
        }
    }

    private static func happen(_ scene: ConsoleScene) throws { scene.parts.hub.tell(try scene.model.apply(SceneRecords.twoPairs).events) }

    private static func rows(_ told: [Told], _ kind: String) -> [JSONValue] { told.map(\.data).filter { $0["kind"]?.string == kind } }

    @Test func aShopIsToldWhatChangesOnItsOwnPages() throws {
        let scene = try ConsoleScene()
        let merchant = scene.ask("GET", "/m/m1/stream", as: try scene.user())
        let factory = scene.ask("GET", "/f/f1/stream", as: try scene.user("fang", [("factory:f1", .clerk)]))
        #expect(merchant.status == 200 && merchant.header("content-type") == "text/event-stream")
        try Self.happen(scene)
        let orders = try Self.told(merchant)
        #expect(orders.allSatisfy { $0.event == "changed" && !$0.id.isEmpty })
        let of = Self.rows(orders, "order")
        #expect(!of.isEmpty && of.allSatisfy { $0["id"]?.string == "o-only-m1" })
        #expect(of.first?["created"]?.bool == true && of.dropFirst().allSatisfy { $0["created"] == nil })
        let versions = of.compactMap { $0["version"]?.int }
        let order = try #require(try scene.model.order("o-only-m1", merchant: "m1"))
        #expect(versions == versions.sorted() && versions.last == order.version)
        let parcels = Self.rows(try Self.told(factory), "parcel")
        #expect(parcels.map { $0["id"]?.string } == ["o-only-m1/1"] && parcels.first?["created"]?.bool == true)
        let parcel = try #require(try scene.model.parcel("o-only-m1/1", factory: "f1"))
        #expect(parcels.first?["version"]?.int == parcel.version)
        for answer in [merchant, factory] { answer.response.stream?.close() }
    }

    @Test func aPageGetsWhatItHasMissedAndAnUnknownPlaceIsReset() throws {
        let scene = try ConsoleScene()
        let guest = try scene.user()
        let before = scene.parts.hub.position
        try Self.happen(scene)
        let all = try Self.told(scene.ask("GET", "/m/m1/stream?since=\(before)", as: guest))
        #expect(Self.rows(all, "order").count > 1)
        let place = try #require(all.first?.id)
        let rest = try Self.told(scene.ask("GET", "/m/m1/stream?since=\(place)", as: guest))
        #expect(rest.map(\.id) == all.dropFirst().map(\.id))
        let late = try Self.told(scene.ask("GET", "/m/m1/stream", as: guest.setting("Last-Event-ID", place)))
        #expect(late.map(\.id) == rest.map(\.id))
        let now = try Self.told(scene.ask("GET", "/m/m1/stream?since=\(scene.parts.hub.position)", as: guest))
        #expect(now.isEmpty)
        let lost = try Self.told(scene.ask("GET", "/m/m1/stream?since=allocation.0.99999", as: guest))
        #expect(lost.map(\.event) == ["reset"] && lost.first?.id == scene.parts.hub.position)
    }

    @Test func nobodyElseHasTheStream() throws {
        let scene = try ConsoleScene()
        let guest = try scene.user()
        #expect(scene.ask("GET", "/m/m2/stream", as: guest).status == 404 && scene.ask("GET", "/f/f1/stream", as: guest).status == 404)
        // A browser's stream gets no page to log in on; its script tries again.
        let nobody = Guest.nobody.setting("Accept", "text/event-stream")
        #expect(scene.ask("GET", "/m/m1/stream", as: nobody).status == 401 && scene.ask("GET", "/m/m1/stream").status == 303)
        for _ in 0..<6 { #expect(scene.ask("GET", "/m/m1/stream", as: guest).status == 200) }
        let seventh = scene.ask("GET", "/m/m1/stream", as: guest)
        #expect(seventh.status == 429 && seventh.header("retry-after") != nil && scene.parts.streams.count == 6)
    }

    @Test func aStreamEndsWithTheMembershipThatItWasOpenedFor() throws {
        let scene = try ConsoleScene()
        let both = try scene.user("both", [("merchant:m1", .clerk), ("merchant:m2", .clerk)])
        let owner = try scene.session("olga", [("merchant:m2", .owner)])
        for shop in ["m1", "m2"] { #expect(scene.ask("GET", "/m/\(shop)/stream", as: both).status == 200) }
        scene.parts.streamSessions.look(now: scene.clock.now)
        #expect(scene.parts.streams.count == 2)
        let caller = try #require(owner.open.caller(for: "merchant:m2"))
        _ = try scene.people.remove(user: "both", by: caller)
        scene.parts.streamSessions.look(now: scene.clock.now)
        #expect(scene.parts.streams.count == 0, "the browser opens the other one anew")
        #expect(scene.ask("GET", "/m/m1/stream", as: both).status == 200 && scene.ask("GET", "/m/m2/stream", as: both).status == 404)
    }

    @Test func pagesEndTheStreamsOfWhomTheyConcern() throws {
        let scene = try ConsoleScene()
        let owner = try scene.session("olga", [("merchant:m1", .owner)])
        let clerk = try scene.user("carl", [("merchant:m1", .clerk)])
        let other = try scene.people.signIn(
            user: "olga", password: ConsoleScene.password, client: Client(address: "", browser: ""), now: scene.clock.now)
        for guest in [Guest(owner), Guest(other), clerk] { #expect(scene.ask("GET", "/m/m1/stream", as: guest).status == 200) }
        let csrf = "csrf=\(owner.open.maskedCSRF)"
        let form = "application/x-www-form-urlencoded"
        #expect(scene.ask("POST", "/m/m1/people/carl/remove", as: Guest(owner), body: csrf, type: form).status == 303)
        #expect(scene.parts.streams.count == 2, "at once")
        let change = "\(csrf)&oldPassword=correct+horse&newPassword=another+horse"
        #expect(scene.ask("POST", "/me/password", as: Guest(owner), body: change, type: form).status == 303)
        #expect(scene.parts.streams.count == 1, "the own one goes on")
    }
}
