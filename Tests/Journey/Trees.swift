import JSON
import TestSupport

extension JSONValue {
    /// The names of an object's members.
    var memberNames: [String] {
        guard case .object(let members) = self else { return [] }
        return members.map(\.0)
    }
}

extension Received {
    var memberNames: [String] { data.memberNames }
}
