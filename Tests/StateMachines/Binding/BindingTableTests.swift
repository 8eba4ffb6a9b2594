import Contracts
import JSON
import StateMachines
import Testing

@Suite struct BindingTableTests {
    private static func shop(_ prepare: (BindingService) -> Void) -> ShopMachine.State {
        let service = BindingService()
        prepare(service)
        service.putAddress("S", "A", as: service.state("S").row.role == .factory ? .factory : .merchant)
        return service.state("S")
    }

    private static func pair(_ state: PairState?) -> PairMachine.State {
        var pair = PairMachine.State()
        guard let state else { return pair }
        let row = BindingRow(
            merchantShopId: "M", factoryShopId: "F", state: state, shopAlias: "小店", sender: Verbatim(.example("张三")), version: 7)
        pair.row = row
        return pair
    }

    private static func introduction(applies: Bool, to factory: String) -> MerchantProfileForFactory {
        MerchantProfileForFactory(merchantShopId: "M", factoryShopId: factory, shopAlias: "新店", sender: .example("王五"), applies: applies)
    }

    @Test func everyRowOfTheShopsTableHolds() throws {
        let registerMerchant = RegisterMerchant(shopId: "S", shopAlias: "", sender: .example("张三"), acceptedTerms: Terms.required)
        let registerFactory = RegisterFactory(
            shopId: "S", name: "", contact: Contact(name: "", phone: ""),
            address: Address(country: "CN", province: "", city: "", district: "", detail: ""))
        let merchantProfile = UpdateProfile(shopId: "S", shopAlias: "新店")
        let factoryProfile = UpdateProfile(shopId: "S", name: "新厂")
        let apply = Apply(merchantShopId: "S", factoryShopId: "F")

        let put = PutAddress(
            shopId: "S", addressId: "B", kind: .sender, name: "", phone: "",
            address: Address(country: "CN", province: "", city: "", district: "", detail: ""))
        let remove = RemoveAddress(shopId: "S", addressId: "A")
        var removeUnknown = remove
        removeUnknown.addressId = "C"
        let inputs: [String: ShopMachine.Input] = [
            "register-merchant": .registerMerchant(registerMerchant), "register-factory": .registerFactory(registerFactory),
            "update-profile of a merchant": .updateProfile(merchantProfile),
            "update-profile of a factory": .updateProfile(factoryProfile), "put-address": .putAddress(put),
            "remove-address": .removeAddress(remove), "remove-address of an unknown one": .removeAddress(removeUnknown),
            "apply": .apply(apply), "an application": .introduction(MerchantToFactory(Self.introduction(applies: true, to: "S"))),
            "a new profile": .introduction(MerchantToFactory(Self.introduction(applies: false, to: "S"))),
        ]
        let states = [
            "none": Self.shop { _ in },
            "merchant": Self.shop {
                $0.registerMerchant("S")
                $0.apply("S", "F")
            },
            "factory": Self.shop { $0.registerFactory("S") },
        ]
        let table = StateTable<ShopMachine>(
            file: "Shared/StateMachines/Binding/ShopMachine.swift", states: states, inputs: inputs,
            actor: { state, input in
                let isFactory =
                    input == "register-factory" || input.hasSuffix("of a factory") || state == "factory" && input.contains("address")
                return Actor(isFactory ? .factory : .merchant, "S")
            },
            whole: Array(inputs.keys), name: { $0.row.role?.rawValue ?? "none" })
        let problems = try table.problems()
        #expect(problems == [])
    }

    @Test func everyRowOfThePairsTableHolds() throws {
        let approve = Approve(merchantShopId: "M", factoryShopId: "F")
        let decline = Decline(merchantShopId: "M", factoryShopId: "F")
        let withdraw = Withdraw(merchantShopId: "M", factoryShopId: "F")
        let unbind = Unbind(merchantShopId: "M", factoryShopId: "F")
        let inputs: [String: PairMachine.Input] = [
            "approve": .approve(approve), "decline": .decline(decline), "withdraw": .withdraw(withdraw),
            "unbind by the merchant": .unbind(unbind), "unbind by the factory": .unbind(unbind),
            "an application": .introduction(FactoryToPair(Self.introduction(applies: true, to: "F"))),
            "a new profile": .introduction(FactoryToPair(Self.introduction(applies: false, to: "F"))),
        ]
        var states = ["none": Self.pair(nil)]
        for state in PairState.allCases { states[state.rawValue] = Self.pair(state) }
        let table = StateTable<PairMachine>(
            file: "Shared/StateMachines/Binding/PairMachine.swift", states: states, inputs: inputs,
            actor: { _, input in input == "withdraw" || input.hasSuffix("the merchant") ? Actor(.merchant, "M") : Actor(.factory, "F") },
            whole: Array(inputs.keys), name: { $0.row?.state.rawValue ?? "none" })
        let problems = try table.problems()
        #expect(problems == [])
    }
}
