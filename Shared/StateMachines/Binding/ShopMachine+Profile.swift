import Contracts
import Machines

/// Roles and profiles.
extension ShopMachine {
    static func register(_ state: State, _ command: RegisterMerchant, _ context: Context) throws(Refusal) -> Event {
        let oneOfTwo = Refusal(
            .invalid, "give exactly one of sender and senderAddressId", field: command.sender == nil ? "sender" : "senderAddressId")
        guard (command.sender == nil) != (command.senderAddressId == nil) else { throw oneOfTwo }
        try context.require(.merchant, command.shopId)
        let missing = Terms.required.filter { !command.acceptedTerms.contains($0) }
        guard missing.isEmpty else {
            throw Refusal(
                .termsNotAccepted, "acceptedTerms lacks \(missing.joined(separator: " and ")); a merchant must accept both terms",
                field: "acceptedTerms")
        }
        guard let sender = try sender(state, command.sender, command.senderAddressId) else { throw oneOfTwo }
        try requireNoRole(state, command.shopId)

        var row = changed(state, command.shopId)
        row.role = .merchant
        row.shopAlias = command.shopAlias
        row.sender = sender
        row.acceptedTerms = command.acceptedTerms
        let message = MerchantRegistered(
            shopId: command.shopId, shopAlias: command.shopAlias, sender: sender, acceptedTerms: command.acceptedTerms)
        return .merchantRegistered(message, row)
    }

    static func register(_ state: State, _ command: RegisterFactory, _ context: Context) throws(Refusal) -> Event {
        try context.require(.factory, command.shopId)
        try requireNoRole(state, command.shopId)
        var row = changed(state, command.shopId)
        row.role = .factory
        row.name = command.name
        row.contact = command.contact
        row.address = command.address
        let message = FactoryRegistered(shopId: command.shopId, name: command.name, contact: command.contact, address: command.address)
        return .factoryRegistered(message, row)
    }

    private static func requireNoRole(_ state: State, _ shopId: String) throws(Refusal) {
        guard let role = state.row.role else { return }
        throw Refusal(.roleAlreadyChosen, "shop \(shopId) is a \(role.rawValue) already; a shop chooses its role once")
    }

    /// The sender that a command gives, or names by one of the shop's addresses; nil when it does neither.
    private static func sender(_ state: State, _ given: Sender?, _ addressId: String?) throws(Refusal) -> Sender? {
        guard let addressId else { return given }
        guard let address = state.row.addresses.first(where: { $0.addressId == addressId }) else {
            throw Refusal(
                .invalid, "this shop has no address \(addressId); add it with put-address, or give the sender itself",
                field: "senderAddressId")
        }
        return Sender(name: address.name, phone: address.phone, address: address.address)
    }

    /// The profile's update, and for a merchant that presents itself differently now, a word to each factory it has applied to.
    static func update(_ state: State, _ command: UpdateProfile, _ context: Context) throws(Refusal) -> [Event] {
        let ofMerchant: [(field: String, isGiven: Bool)] = [
            ("shopAlias", command.shopAlias != nil), ("sender", command.sender != nil), ("senderAddressId", command.senderAddressId != nil),
        ]
        let ofFactory: [(field: String, isGiven: Bool)] = [
            ("name", command.name != nil), ("contact", command.contact != nil), ("address", command.address != nil),
        ]
        guard (ofMerchant + ofFactory).contains(where: \.isGiven) else {
            throw Refusal(.invalid, "update-profile changes nothing; give at least one field of the profile")
        }
        guard command.sender == nil || command.senderAddressId == nil else {
            throw Refusal(.invalid, "give one of sender and senderAddressId, not both", field: "senderAddressId")
        }
        try requireOwner(state, command.shopId, context)
        guard let role = state.row.role else {
            throw Refusal(.notFound, "shop \(command.shopId) has no profile yet; send register-merchant or register-factory first")
        }
        if let foreign = (role == .merchant ? ofFactory : ofMerchant).first(where: \.isGiven) {
            throw Refusal(.invalid, "a \(role.rawValue)'s profile has no \(foreign.field)", field: foreign.field)
        }

        var row = changed(state, command.shopId)
        row.shopAlias = command.shopAlias ?? row.shopAlias
        row.sender = try sender(state, command.sender, command.senderAddressId) ?? row.sender
        row.name = command.name ?? row.name
        row.contact = command.contact ?? row.contact
        row.address = command.address ?? row.address
        let message = ProfileUpdated(
            shopId: command.shopId, shopAlias: row.shopAlias, sender: row.sender, name: row.name, contact: row.contact, address: row.address
        )
        var events = [Event.profileUpdated(message, row)]
        if row.shopAlias != state.row.shopAlias || row.sender != state.row.sender {
            for factory in state.factories ?? [] {
                if let introduction = introduction(of: row, to: factory) { events.append(.introduced(introduction)) }
            }
        }
        return events
    }
}
