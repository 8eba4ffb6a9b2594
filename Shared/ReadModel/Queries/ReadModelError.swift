public import Stores

/// Why a query has no answer.
public enum ReadModelError: Error, CustomStringConvertible {
    /// A parameter is wrong: answered with code `invalid`, field `field`.
    case invalid(field: String, message: String)
    /// The store cannot be read at the moment.
    case store(StoreError)

    public var description: String {
        switch self {
        case .invalid(let field, let message): "\(field): \(message)"
        case .store(let error): "\(error)"
        }
    }
}
