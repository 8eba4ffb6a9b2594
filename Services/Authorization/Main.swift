import Contracts
import Runtime

/// Authorizations of partners: no partner is linked in this version, and each command says so.
@main
struct Authorization {
    static let commands = ["list-providers", "begin", "complete", "refresh", "revoke", "create-channel", "set-policy"]

    static func main() {
        ServiceProcess.main(
            ServiceDescription(
                .authorization,
                routes: commands.map {
                    .unavailable(
                        "daifa.authorization.\($0).v1",
                        because: "no partner can be linked in this version: there are no providers and no channels")
                }))
    }
}
