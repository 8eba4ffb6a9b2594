import Testing
import Threads

@testable import Identity

@Suite struct SeenStopSuite {
    @Test func whatAShopsPeopleHaveSeenIsTheirsAlone() throws {
        let scene = try Scene()
        let at = scene.now
        try scene.store.see(stops: ["o1/1": at], of: "factory:f1", by: "u1", now: scene.now)
        #expect(try scene.store.seenStops(of: "factory:f1") == ["o1/1": at])
        #expect(try scene.store.seenStops(of: "factory:f2").isEmpty)
    }

    @Test func aLaterStopIsKeptAndAnEarlierOneChangesNothing() throws {
        let scene = try Scene()
        let (first, later) = (scene.now, scene.now.after(seconds: 60))
        try scene.store.see(stops: ["o1/1": later], of: "factory:f1", by: "u1", now: scene.now)
        try scene.store.see(stops: ["o1/1": first], of: "factory:f1", by: "u2", now: scene.now)
        #expect(try scene.store.seenStops(of: "factory:f1") == ["o1/1": later])
    }

    @Test func whatIsLongOverIsForgotten() throws {
        let scene = try Scene()
        try scene.store.see(stops: ["o1/1": scene.now], of: "factory:f1", by: "u1", now: scene.now)
        let later = scene.now.after(seconds: 401 * 86_400)
        try scene.store.see(stops: ["o2/1": later], of: "factory:f1", by: "u1", now: later)
        #expect(try Set(scene.store.seenStops(of: "factory:f1").keys) == ["o2/1"])
    }
}
