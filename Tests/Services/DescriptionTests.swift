import Contracts
import Credentials
import Foundation
import HTTP
import Machines
import Observability
import StateMachines
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

    // MARK: Mistakes

    /// Descriptions with a mistake each, and what is said of it.
    private static let mistakes: [(description: @Sendable () -> ServiceDescription, problem: String)] = [
        (
            { ServiceDescription(.binding, resources: TablesAndSecrets.self, routes: Routes<ShopMachine>.all + Routes<PairMachine>.all) },
            "daifa.binding.approve.v1 names the service as a reader, and has no route"
        ),
        (
            { ServiceDescription(.binding, resources: TablesAndSecrets.self, routes: Binding.description.routes + Binding.pairs) },
            "daifa.binding.approve.v1 has two routes"
        ),
        (
            { ServiceDescription(.binding, resources: TablesAndSecrets.self, routes: Binding.pairs) },
            "daifa.binding.merchant-registered.v1 may be sent by the service, and no machine declares it"
        ),
        (
            {
                ServiceDescription(.binding, resources: TablesAndSecrets.self, routes: Binding.description.routes + Routes<PoolMachine>.all)
            },
            "daifa.waybill.top-up.v1 is routed, and its contract does not name the service as a reader"
        ),
        (
            {
                ServiceDescription(.binding, resources: TablesAndSecrets.self, routes: Binding.description.routes + Routes<PoolMachine>.all)
            },
            "daifa.waybill.topped-up.v1 is emitted, and its contract does not let the service send it"
        ),
        (
            {
                ServiceDescription(
                    .allocation, resources: TablesAndSecrets.self, tables: [.participants, .bindings, .warehouses],
                    routes: Allocation.description.routes)
            },
            "daifa.rules is not read, against its contract"
        ),
        (
            { ServiceDescription(.binding, resources: TablesAndSecrets.self, tables: [.stock], routes: Binding.description.routes) },
            "daifa.stock is read, against its contract"
        ),
        (
            {
                ServiceDescription(
                    .allocation, resources: TablesAndSecrets.self, tables: Allocation.description.tables, routes: Routes<RuleMachine>.all)
            },
            "daifa.order.placed.v1 names the service as a reader, and has no route"
        ),
    ]

    @Test(arguments: mistakes.indices) func aMistakeEndsTheProcessByName(index: Int) throws {
        let (make, problem) = Self.mistakes[index]
        let description = make()
        #expect(description.problems().contains(problem), "\(description.problems())")
        let error = #expect(throws: ExitError.self) { try description.validate() }
        #expect(error?.code == 70 && error?.description.contains(problem) == true)
    }

    @Test func effectsThatNothingCarriesOutAreNamed() throws {
        let description = try description(.shipping)
        let effects = try description.equipped().effects()
        #expect(description.problems(of: []).contains("nothing carries out the effect create-outbound"))
        #expect(description.problems(of: effects + effects) == ["an effect is carried out in two ways"])
        #expect(try self.description(.binding).problems(of: effects).contains("no machine declares the effect create-outbound"))
        #expect(throws: ExitError.self) { try description.validate([]) }
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
        #expect(try description(service).outputs == Set(others + [service.commands, service.events, service.dead, "daifa.health"]))
    }

    /// Kafka's access lists are made from the contract; a right too few stops the service, one too many lets it write what is another's.
    @Test(arguments: ServiceName.domainServices) func itsRightsAreWhatItReadsAndWrites(service: ServiceName) throws {
        let description = try description(service)
        let access = try #require(Access.all.first { $0.user == Access.user(of: service) })
        #expect(Set(access.reads) == Set(description.inputs + description.tables.map(\.topic)))
        #expect(Set(access.writes) == description.outputs)
        #expect(access.groups.map(\.name) == [.exactly(description.group)])
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
