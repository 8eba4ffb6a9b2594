import Contracts
import TestSupport
import Testing

extension JourneySuite {
    /// Rows of the table `binding`: each command accepted, and each of its codes.
    @Suite struct BindingTests {
        @Test func aShopChoosesOneRoleOnce() async throws {
            let scenario = try await Scenario.start()
            let cast = scenario.cast
            try await scenario.register()
            try await scenario.refused(scenario.merchant(cast.registerMerchant), .roleAlreadyChosen)
            try await scenario.refused(scenario.factory(cast.registerFactory), .roleAlreadyChosen)
            let turncoat = Cast(merchant: cast.factory, factory: cast.merchant)
            try await scenario.refused(.command(turncoat.registerFactory, as: turncoat.asFactory), .roleAlreadyChosen)
            try await scenario.refused(.command(turncoat.registerMerchant, as: turncoat.asMerchant), .roleAlreadyChosen)
        }

        @Test func bothTermsMustBeAccepted() async throws {
            let scenario = try await Scenario.start()
            var register = scenario.cast.registerMerchant
            register.acceptedTerms = ["e-waybill-service"]
            try await scenario.refused(scenario.merchant(register), .termsNotAccepted, field: "acceptedTerms")
            register.acceptedTerms = []
            try await scenario.refused(scenario.merchant(register), .termsNotAccepted, field: "acceptedTerms")
        }

        @Test func theSenderIsGivenOrNamed() async throws {
            let scenario = try await Scenario.start()
            let cast = scenario.cast
            var register = cast.registerMerchant
            register.senderAddressId = "home"
            try await scenario.refused(scenario.merchant(register), .invalid, field: "senderAddressId")
            register.sender = nil
            try await scenario.refused(scenario.merchant(register), .invalid, field: "senderAddressId")
            let put = try await scenario.accepted(scenario.merchant(cast.putAddress("home", kind: .sender)))
            #expect(put.type == AddressPut.type)
            let registered = try await scenario.accepted(scenario.merchant(register)).body(MerchantRegistered.self)
            #expect(registered.sender.name == "退货组")
            #expect(try await scenario.accepted(scenario.merchant(cast.removeAddress("home"))).type == AddressRemoved.type)
            try await scenario.refused(scenario.merchant(cast.removeAddress("home")), .notFound)
        }

        @Test func onlyRegisteredShopsAreBound() async throws {
            let scenario = try await Scenario.start()
            let cast = scenario.cast
            try await scenario.refused(scenario.merchant(cast.apply), .merchantNotRegistered)
            try await scenario.accepted(scenario.merchant(cast.registerMerchant))
            try await scenario.refused(scenario.merchant(cast.apply), .factoryNotRegistered)
            try await scenario.refused(scenario.merchant(cast.updateProfile(alias: "")), .invalid, field: "shopAlias")
        }

        @Test func aPairGoesItsWay() async throws {
            let scenario = try await Scenario.start()
            let cast = scenario.cast
            try await scenario.register()
            for command in [scenario.factory(cast.approve), scenario.factory(cast.decline), scenario.merchant(cast.withdraw)] {
                try await scenario.refused(command, .notFound)
            }
            try await scenario.accepted(scenario.merchant(cast.apply))
            try await scenario.refused(scenario.merchant(cast.apply), .bindingExists)
            try await scenario.refused(scenario.merchant(cast.unbind), .bindingNotActive)
            #expect(try await scenario.accepted(scenario.factory(cast.decline)).type == Declined.type)
            try await scenario.refused(scenario.factory(cast.approve), .bindingNotPending)
            try await scenario.accepted(scenario.merchant(cast.apply))
            #expect(try await scenario.accepted(scenario.merchant(cast.withdraw)).type == Withdrawn.type)
            try await scenario.refused(scenario.factory(cast.decline), .bindingNotPending)
            try await scenario.refused(scenario.merchant(cast.withdraw), .bindingNotPending)
            try await scenario.bind()
            try await scenario.refused(scenario.merchant(cast.apply), .bindingExists)
            let unbound = try await scenario.accepted(scenario.merchant(cast.unbind))
            #expect(unbound.type == Unbound.type)
            try await scenario.refused(scenario.factory(cast.unbind), .bindingNotActive)
            try await scenario.bind()
            #expect(try await scenario.accepted(scenario.factory(cast.unbind)).type == Unbound.type)
            let states = scenario.client.seen { $0.topic == Table.bindings.topic && $0.key == "\(cast.merchant)~\(cast.factory)" }
                .compactMap { try? $0.body(BindingRow.self) }
            #expect(
                states.map(\.state) == [
                    .pending, .declined, .pending, .withdrawn, .pending, .active, .ended, .pending, .active, .ended,
                ])
            #expect(states.map(\.version) == Array(1...10))
        }

        @Test func theRowsOfAPairFollowTheMerchantsProfile() async throws {
            let scenario = try await Scenario.bound()
            let cast = scenario.cast
            let update = scenario.merchant(cast.updateProfile(alias: "新名字"))
            let updated = try await scenario.accepted(update)
            #expect(updated.type == ProfileUpdated.type)
            let row = try await scenario.client.first("the pair's new row") {
                $0.topic == Table.bindings.topic && $0.causationId == update.id
            }
            #expect(try row.body(BindingRow.self).shopAlias == "新名字")
            #expect(try row.body(BindingRow.self).state == .active)
            #expect(row.key == "\(cast.merchant)~\(cast.factory)")
            let participant = try await scenario.client.first("the shop's new row") {
                $0.topic == Table.participants.topic && $0.causationId == update.id
            }
            #expect(try participant.body(ParticipantRow.self).shopAlias == "新名字")
        }
    }
}
