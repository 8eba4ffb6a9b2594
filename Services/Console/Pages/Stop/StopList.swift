import Contracts
import Identity
import ReadModel
import Texts
import Threads
import Web

/// Parcels of a factory that must not be sent as they are, and which of them its people have seen.
struct StopList: Sendable {
    /// Rows that a page shows.
    private static let shown = 200

    let model: any ReadModel
    let ledger: any RequestLedger

    struct Row: Sendable {
        var parcel: ParcelView
        var at: Timestamp
        var isSeen: Bool
    }

    /// Those that nobody has seen, newest first.
    func unseen(factory: String) throws(Problem) -> [StopMark] {
        let (marks, seen) = try read(factory)
        return marks.filter { !Self.isSeen($0, seen) }
    }

    /// The unseen first, each newest first.
    func rows(factory: String) throws(Problem) -> [Row] {
        let (marks, seen) = try read(factory)
        let sorted = marks.filter { !Self.isSeen($0, seen) } + marks.filter { Self.isSeen($0, seen) }
        var rows: [Row] = []
        do throws(ReadModelError) {
            for mark in sorted.prefix(Self.shown) {
                guard let parcel = try model.parcel(mark.allocationId, factory: factory) else { continue }
                rows.append(Row(parcel: parcel, at: mark.at, isSeen: Self.isSeen(mark, seen)))
            }
        } catch { throw Problem(error) }
        return rows
    }

    private func read(_ factory: String) throws(Problem) -> (marks: [StopMark], seen: [String: Timestamp]) {
        let marks: [StopMark]
        do throws(ReadModelError) { marks = try model.parcelsToStop(factory: factory) } catch { throw Problem(error) }
        guard !marks.isEmpty else { return ([], [:]) }
        do throws(PeopleError) {
            return (marks, try ledger.seenStops(of: Actor(.factory, factory).description))
        } catch { throw Problem(error) }
    }

    private static func isSeen(_ mark: StopMark, _ seen: [String: Timestamp]) -> Bool {
        seen[mark.allocationId].map { $0 >= mark.at } ?? false
    }

    /// Red, on every page of the factory's until all are seen.
    @Sendable func banner(_ frame: PageFrame) -> HTML {
        guard frame.isFactory, let shop = frame.shop, let count = try? unseen(factory: shop).count, count > 0 else { return .empty }
        return div(.class("stop"), .role("alert")) {
            span(frame.say("stop.banner", count: count))
            a(frame.say("stop.title"), .href(frame.link("stop")))
        }
    }
}
