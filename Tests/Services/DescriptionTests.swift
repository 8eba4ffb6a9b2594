import Contracts
import Foundation
import HTTP
import Machines
import Observability
import Testing

@testable import Allocation
@testable import Authorization
@testable import Binding
@testable import Runtime
@testable import Shipping
@testable import Waybill

/// The five services as they start.
private let services: [ServiceName: @Sendable () -> ServiceDescription] = [
    .authorization: { Authorization.description }, .binding: { Binding.description }, .allocation: { Allocation.description },
    .waybill: { Waybill.description }, .shipping: { Shipping.description },
]

@Suite struct DescriptionTests {
    private func description(_ service: ServiceName) throws -> ServiceDescription {
        let make = try #require(services[service])
        return make()
    }

    @Test(arguments: ServiceName.domainServices) func aServiceDoesWhatTheContractsSayOfIt(service: ServiceName) throws {
        let description = try description(service)
        #expect(description.name == service)
        #expect(description.problems() == [])
    }

    @Test(arguments: ServiceName.domainServices) func everyEffectIsCarriedOut(service: ServiceName) throws {
        let description = try description(service)
        #expect(description.problems(of: try description.equipped().effects()) == [])
    }

    /// Each topic has one service that writes it, but for what several may send: commands and facts.
    @Test(arguments: ServiceName.domainServices) func eventsAndDeadLettersAreTheServicesOwn(service: ServiceName) throws {
        let outputs = try description(service).outputs
        for other in ServiceName.domainServices {
            #expect(outputs.contains(other.events) == (other == service) && outputs.contains(other.dead) == (other == service))
        }
    }

    /// What was written by hand before it followed from the machines: a topic too many would need rights that the service does not have.
    @Test(arguments: [
        (ServiceName.authorization, ["daifa.channels", "daifa.credentials", "daifa.keys", "daifa.orders", "daifa.warehouses"]),
        (.binding, ["daifa.bindings", "daifa.participants"]), (.allocation, ["daifa.orders", "daifa.rules"]),
        (.waybill, ["daifa.authorization.commands", "daifa.keys"]),
        (.shipping, ["daifa.allocation.commands", "daifa.authorization.commands", "daifa.keys", "daifa.stock", "daifa.waybill.commands"]),
    ]) func theTopicsThatAServiceWritesFollowFromItsMachines(service: ServiceName, others: [String]) throws {
        #expect(try description(service).outputs == Set(others + [service.commands, service.events, service.dead]))
    }

    /// Positions are stored by topic; the order decides on the numbers that make the ids of events.
    @Test(arguments: [
        (ServiceName.authorization, ["daifa.authorization.commands"]), (.binding, ["daifa.binding.commands"]),
        (.allocation, ["daifa.orders", "daifa.allocation.commands"]),
        (.waybill, ["daifa.waybill.commands", "daifa.allocation.events", "daifa.shipping.events", "daifa.authorization.events"]),
        (.shipping, ["daifa.shipping.commands", "daifa.allocation.events", "daifa.waybill.events", "daifa.authorization.events"]),
    ]) func theTopicsThatAServiceReadsFollowFromItsRoutes(service: ServiceName, inputs: [String]) throws {
        #expect(try description(service).inputs == inputs)
    }
}

extension ServiceDescription {
    /// As a service has it that has just been started: nothing in its tables, keys of its own, and nobody at the other end.
    fileprivate func equipped() throws -> Equipment {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("daifa-description-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let configuration = try Configuration(
            service: name, environment: ["DAIFA_STORE": "sqlite:\(folder.path)"], hostName: "h", groups: resources.settingGroups)
        try resources.prepare(configuration, storeWasEmpty: true, onlyLooks: false)
        return try equip(
            ServiceEnvironment(
                service: name, settings: configuration.settings, http: LazyHTTPClient(),
                logger: Logger(label: "test", level: .critical), metrics: Metrics()), configuration)
    }
}
