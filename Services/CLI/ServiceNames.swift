import CommandLine
import Contracts

/// How commands read the names of services.
extension ServiceName {
    static let domainServiceNames = domainServices.map(\.rawValue)

    /// - Throws: when a value of `--service` is none of the services that own orders.
    static func check(domainService name: String) throws(UsageError) {
        guard !domainServiceNames.contains(name) else { return }
        throw UsageError("--service: expected one of \(domainServiceNames.joined(separator: ", ")), not \"\(name)\"")
    }
}
