import Testing
import Threads

@testable import Identity

/// Selections in long lists.
@Suite struct SelectionTests {
    private let owner = SelectionOwner(actor: "merchant:1", userId: "u1", list: "orders")

    private func refused(_ body: () throws(PeopleError) -> Void) -> PeopleError? {
        do throws(PeopleError) { try body() } catch { return error }
        return nil
    }

    @Test func itemsAreAddedOnceInTheirOrderAndTakenOut() throws {
        let scene = try Scene()
        let id = try scene.store.change(selection: nil, of: owner, removing: [], adding: ["b", "a"], now: scene.now)
        let again = try scene.store.change(selection: id, of: owner, removing: ["b", "z"], adding: ["c", "a"], now: scene.now)
        #expect(again == id && id.count == 43)
        #expect(try scene.store.selection(id, of: owner, now: scene.now) == ["a", "c"])
        let other = try scene.store.change(selection: nil, of: owner, removing: [], adding: [], now: scene.now)
        #expect(other != id, "two tabs do not share one")
    }

    @Test func itIsOneUsersOfOneListOfOneShop() throws {
        let scene = try Scene()
        let id = try scene.store.change(selection: nil, of: owner, removing: [], adding: ["a"], now: scene.now)
        for other in [
            SelectionOwner(actor: "merchant:2", userId: "u1", list: "orders"),
            SelectionOwner(actor: "merchant:1", userId: "u2", list: "orders"),
            SelectionOwner(actor: "merchant:1", userId: "u1", list: "parcels"),
        ] {
            #expect(try scene.store.selection(id, of: other, now: scene.now) == nil)
            #expect(try scene.store.change(selection: id, of: other, removing: ["a"], adding: ["x"], now: scene.now) != id)
        }
        #expect(try scene.store.selection(id, of: owner, now: scene.now) == ["a"])
    }

    @Test func itHasABoundAndIsLeftAsItWasBeyondIt() throws {
        let scene = try Scene()
        let many = (0..<Selections.most).map { "o\($0)" }
        let id = try scene.store.change(selection: nil, of: owner, removing: [], adding: many, now: scene.now)
        let error = refused { () throws(PeopleError) in
            _ = try scene.store.change(selection: id, of: owner, removing: ["o0"], adding: ["p", "q"], now: scene.now)
        }
        #expect(error == .invalid(field: "selection", .tooLong(5000)))
        #expect(try scene.store.selection(id, of: owner, now: scene.now) == many)
    }

    @Test func itEndsTwelveHoursAfterItsLastUse() throws {
        let scene = try Scene()
        let id = try scene.store.change(selection: nil, of: owner, removing: [], adding: ["a"], now: scene.now)
        scene.pass(seconds: 12 * 3600 - 1)
        _ = try scene.store.change(selection: id, of: owner, removing: [], adding: ["b"], now: scene.now)
        scene.pass(seconds: 12 * 3600 - 1)
        #expect(try scene.store.selection(id, of: owner, now: scene.now) == ["a", "b"])
        scene.pass(seconds: 1)
        #expect(try scene.store.selection(id, of: owner, now: scene.now) == nil)
        try scene.store.pruneSelections(now: scene.now)
        scene.pass(seconds: -3600)
        #expect(try scene.store.selection(id, of: owner, now: scene.now) == nil)
    }
}
