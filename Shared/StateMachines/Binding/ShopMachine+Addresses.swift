import Contracts
import Machines

/// A shop's addresses: at most one of each kind is the default.
extension ShopMachine {
    /// Adds or replaces. Without `default` an address that is replaced stays what it was for its kind, and a new one is no default.
    static func put(_ state: State, _ command: PutAddress, _ context: Context) throws(Refusal) -> Event {
        try requireOwner(state, command.shopId, context)
        var row = changed(state, command.shopId)
        let place = row.addresses.firstIndex { $0.addressId == command.addressId }
        let address = StoredAddress(
            addressId: command.addressId, kind: command.kind, name: command.name, phone: command.phone, address: command.address,
            default: command.default ?? place.map { row.addresses[$0].default && row.addresses[$0].kind == command.kind } ?? false)
        if address.default {
            for index in row.addresses.indices where row.addresses[index].kind == command.kind { row.addresses[index].default = false }
        }
        if let place { row.addresses[place] = address } else { row.addresses.append(address) }

        let message = AddressPut(
            shopId: command.shopId, addressId: command.addressId, kind: command.kind, name: command.name, phone: command.phone,
            address: command.address, default: address.default)
        return .addressPut(message, row)
    }

    static func remove(_ state: State, _ command: RemoveAddress, _ context: Context) throws(Refusal) -> Event {
        try requireOwner(state, command.shopId, context)
        var row = changed(state, command.shopId)
        guard let place = row.addresses.firstIndex(where: { $0.addressId == command.addressId }) else {
            throw Refusal(.notFound, "shop \(command.shopId) has no address \(command.addressId)")
        }
        row.addresses.remove(at: place)
        let message = AddressRemoved(shopId: command.shopId, addressId: command.addressId)
        return .addressRemoved(message, row)
    }
}
