import Contracts
import HTTP
import Identity
import Threads
import Web

/// `/o` and `/o/services`: how the services are.
struct ServicesPage: Sendable {
    let health: HealthBoard
    let kit: PageKit
    let clock: @Sendable () -> Timestamp

    /// - Parameter group: of operators.
    func add(to group: inout ConsoleGroup) {
        group.get("/", name: "page-operator") { (_) throws(Problem) in .seeOther(Link("o", "services")) }
        group.get("/services", name: "page-services") { (call) throws(Problem) in
            let now = clock()
            return ServicesView(frame: kit.frame(call), replicas: replicas(now), now: now).response
        }
        group.get("/services/{service}", name: "page-service") { (call) throws(Problem) in
            let replicas = replicas(clock()).filter { $0.service == call["service"] }
            guard !replicas.isEmpty else { throw Problem(.notFound) }
            return ServiceView(frame: kit.frame(call), service: call["service"], replicas: replicas).response
        }
    }

    private func replicas(_ now: Timestamp) -> [ServiceReplica] { health.items(now: now).compactMap { ServiceReplica($0) } }
}
