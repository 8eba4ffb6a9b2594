import JSON
import Machines
import Stores
import Threads

/// Effects of one kind that a batch scheduled for the same minute, as one row of the store (``Effect/sharesRow``).
///
/// A row of its own for each order costs the store three pages in random places; one row for a batch of them costs next to nothing.
struct SharedEffects<Kind: Effect>: DefaultInitializable {
    var members: [Kind] = []
    init() {}
    static var fields: Fields<SharedEffects> { Fields<SharedEffects>(Field("members", \.members)) }

    /// The effects of a row, be it of one or of several.
    static func members(of row: EffectRow) throws(JSONError) -> [Kind] {
        SharedEffectRows.isShared(row.id) ? try decodeStored(row.body).members : [try Kind.decodeStored(row.body)]
    }
}

/// Makes the rows of effects that share them.
enum SharedEffectRows {
    /// An effect before it is put into a row.
    struct Member {
        var kind: String
        /// When the row is due, in milliseconds since 1970: the end of the minute in which the effect is.
        var due: Int64
        var body: [UInt8]
        /// The record that it follows from: no other batch of the shard has the same one.
        var place: EventIds.Place
    }

    private struct Group: Hashable {
        var kind: String
        var due: Int64
    }

    private static let minute: Int64 = 60_000
    /// Milliseconds from now to the nearest due time that a row is shared for.
    private static let nearest: Int64 = 3_600_000
    /// Members of one row: what becomes due together is told in one batch.
    private static let maximumMembers = 256

    /// When a row that holds such an effect is due, in milliseconds since 1970; nil: it is so soon that it has a row of its own.
    static func due(_ due: Timestamp, now: Timestamp) -> Int64? {
        let due = Int64(due.milliseconds)
        guard due - Int64(now.milliseconds) >= nearest else { return nil }
        return due / minute * minute + minute
    }

    /// Whether an id is a shared row's: `<kind>|@<topic>.<offset>.<now>.<minute>.<n>`; an aggregate's key never begins with `@`.
    static func isShared(_ id: String) -> Bool {
        id.utf8.drop { $0 != UInt8(ascii: "|") }.dropFirst().first == UInt8(ascii: "@")
    }

    static func rows(_ members: [Member], now: Int64, origin: [UInt8]) -> [EffectRow] {
        var groups: [Group: [Member]] = [:]
        for member in members { groups[Group(kind: member.kind, due: member.due), default: []].append(member) }
        var rows: [EffectRow] = []
        for (group, members) in groups {
            for start in stride(from: 0, to: members.count, by: maximumMembers) {
                let part = members[start..<min(start + maximumMembers, members.count)]
                guard let place = part.first?.place else { continue }
                var body = Array(#"{"members":["#.utf8)
                for (index, member) in part.enumerated() {
                    if index > 0 { body.append(UInt8(ascii: ",")) }
                    body += member.body
                }
                body += "]}".utf8
                let id = "\(group.kind)|@\(place.topic).\(place.offset).\(now).\(group.due / minute).\(start)"
                rows.append(EffectRow(id: id, due: group.due, body: body, origin: origin))
            }
        }
        return rows
    }
}
