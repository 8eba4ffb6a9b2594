import Crypto
import JSON
import Stores

/// Waybill numbers for a factory: `pdd.fds.waybill.…`, and what they need.
enum PinduoduoWaybills {
    static let methods: [String: PinduoduoGateway.Method] = [
        "pdd.waybill.search": .init("pdd_waybill_search_response", search),
        "pdd.cloudprint.stdtemplates.get": .init("pdd_cloudprint_stdtemplates_get_response", templates),
        "pdd.fds.waybill.get": .init("pdd_fds_waybill_get_response", get),
        "pdd.fds.waybill.return": .init("pdd_fds_waybill_return_response", giveBack),
        "pdd.fds.waybill.cancel": .init("pdd_fds_waybill_cancel_response", cancel),
        "pdd.fds.waybill.return.slave": .init("pdd_fds_waybill_return_slave_response", slaves),
    ]

    private static func template(_ wpCode: String) -> String { "https://file-link.pinduoduo.com/\(wpCode.lowercased())_one" }

    private static func search(_ world: World, _ call: Call) throws -> JSONValue {
        let wanted = call.parameters.text("wp_code")
        let accounts = (try world.mall(call).waybillAccounts ?? []).filter { wanted == nil || wanted == $0.wpCode }
        return [
            "waybill_apply_subscription_cols": .list(accounts) { account in
                [
                    "wp_code": .string(account.wpCode), "wp_type": 1,
                    "branch_account_cols": [
                        [
                            "branch_code": .string(account.branchCode), "branch_name": .string(account.branchName),
                            "quantity": .int(account.quantity),
                            "shipp_address_cols": .list(account.addresses) {
                                [
                                    "province": .string($0.province), "city": .string($0.city), "district": .string($0.district),
                                    "detail": .string($0.detail),
                                ]
                            },
                        ]
                    ],
                ]
            }
        ]
    }

    private static func templates(_ world: World, _ call: Call) throws -> JSONValue {
        let wpCode = try call.parameters.required("wp_code")
        return [
            "result": [
                "datas": [
                    [
                        "wp_code": .string(wpCode),
                        "standard_templates": [
                            [
                                "standard_template_id": 2, "standard_template_name": "三联单",
                                "standard_template_url": .string(template(wpCode) + "_three"), "standard_waybill_type": 2,
                            ],
                            [
                                "standard_template_id": 1, "standard_template_name": "一联单",
                                "standard_template_url": .string(template(wpCode)), "standard_waybill_type": 1,
                            ],
                        ],
                    ]
                ]
            ]
        ]
    }

    private static func get(_ world: World, _ call: Call) throws -> JSONValue {
        let parameters = try call.parameters.requiredObject("param_fds_waybill_get_request")
        let wpCode = try parameters.required("wp_code")
        var factory = try world.factory(call)
        var accounts = factory.waybillAccounts ?? []
        guard let index = accounts.firstIndex(where: { $0.wpCode == wpCode }) else {
            throw parameters.invalid("wp_code", "is no carrier that this mall has an account with")
        }
        try check(sender: try parameters.requiredObject("sender"), accounts[index])
        var modules: [JSONValue] = []
        for object in try parameters.requiredObjects("trade_order_info_dtos") {
            let objectId = try object.required("object_id")
            guard try object.required("template_url") == template(wpCode) else { throw object.invalid("template_url", "is not known") }
            _ = try object.requiredInt("user_id")
            _ = try object.requiredObject("package_info").requiredObjects("items")
            let info = try object.requiredObject("order_info")
            _ = try info.required("order_channels_type")
            let named = try info.requiredObjects("trade_order_list")
            guard named.count <= 100 else { throw info.invalid("trade_order_list", "has more than 100") }
            let orders = try named.map { try world.dropshipOrder($0, call) }
            world.note(objectId)
            if orders.contains(where: { ($0.status ?? 1) != 1 }) { throw Refusal(.state, "an order is not assigned any more") }
            let number = try waybill(wpCode, objectId, orders, &accounts[index], world)
            modules.append(
                [
                    "object_id": .string(objectId), "parent_waybill_code": "", "waybill_code": .string(number),
                    "print_data": .string(printData(number, template: template(wpCode))),
                ])
        }
        factory.waybillAccounts = accounts
        try world.objects.put(factory)
        return ["modules": .array(modules)]
    }

    /// What only the platform's print component can read: the text of the first content of its document.
    private static func printData(_ number: String, template: String) -> String {
        let content: JSONValue = [
            "encryptedData": .string(Base64.encode(Array("encrypted:\(number)".utf8))),
            "signature": .string(Base64.encode([UInt8](repeating: 7, count: 128))), "templateUrl": .string(template), "ver": "11",
        ]
        return String(decoding: content.json, as: UTF8.self)
    }

    private static func check(sender: Parameters, _ account: Mall.WaybillAccount) throws(Refusal) {
        _ = try sender.required("name")
        guard sender.text("mobile") != nil || sender.text("phone") != nil else { throw sender.missing("mobile") }
        let address = try sender.requiredObject("address")
        let (province, city) = (try address.required("province"), try address.required("city"))
        let (district, detail) = (address.text("district") ?? "", try address.required("detail"))
        let isKnown = account.addresses.contains {
            $0.province == province && $0.city == city && $0.district == district && $0.detail == detail
        }
        guard isKnown else { throw Refusal(.invalid, "sender.address is none of pdd.waybill.search") }
    }

    /// With deduplication the same orders under the same object get the number that they have.
    private static func waybill(
        _ wpCode: String, _ objectId: String, _ orders: [DropshipOrder], _ account: inout Mall.WaybillAccount, _ world: World
    ) throws -> String {
        if try world.settings().deduplication, let known = orders.first?.waybillCode, orders.first?.wpCode == wpCode,
            orders.allSatisfy({ $0.waybillCode == known })
        {
            return known
        }
        guard account.quantity > 0 else { throw Refusal(.state, "no waybill numbers are left with \(wpCode)") }
        account.quantity -= 1
        let number = WaybillNumbers.number(wpCode, try world.objects.next("waybill-\(wpCode)"))
        for var order in orders {
            order.wpCode = wpCode
            order.waybillCode = number
            try world.objects.put(order)
        }
        try world.recordCreate(.pinduoduo, "pdd.fds.waybill.get", key: objectId, number: number)
        return number
    }

    private static func giveBack(_ world: World, _ call: Call) throws -> JSONValue {
        let parameters = try call.parameters.requiredObject("param_fds_waybill_return_request")
        var order = try world.dropshipOrder(parameters, call)
        let (code, wpCode) = (try parameters.required("waybill_code"), try parameters.required("wp_code"))
        guard (order.status ?? 1) == 1 else { throw Refusal(.state, "the order is not assigned any more") }
        if order.returnStatus == 1, order.waybillCode != code { throw Refusal(.state, "another number was returned for the order") }
        order.waybillCode = code
        order.wpCode = wpCode
        order.returnStatus = 1
        order.updatedAt = world.now
        try world.objects.put(order)
        return ["return_result": true]
    }

    private static func cancel(_ world: World, _ call: Call) throws -> JSONValue {
        let parameters = try call.parameters.requiredObject("pdd_fds_waybill_cancel_request")
        var order = try world.dropshipOrder(parameters, call)
        let (code, wpCode) = (try parameters.required("waybill_code"), try parameters.required("wp_code"))
        guard order.waybillCode == code, order.wpCode == wpCode else { throw Refusal(.notFound, "waybill_code is not the order's") }
        guard order.returnStatus != 1 else { throw Refusal(.state, "the number was returned already") }
        order.waybillCode = nil
        order.wpCode = nil
        try world.objects.put(order)
        return ["return_result": true]
    }

    private static func slaves(_ world: World, _ call: Call) throws -> JSONValue {
        let parameters = try call.parameters.requiredObject("request")
        var order = try world.dropshipOrder(parameters, call)
        _ = try parameters.required("wp_code")
        guard let codes = parameters.texts("waybill_codes"), (1...10).contains(codes.count) else {
            throw parameters.invalid("waybill_codes", "are not 1 to 10")
        }
        guard order.returnStatus == 1 else { throw Refusal(.state, "the main number was not returned yet") }
        if let main = order.waybillCode, codes.contains(main) {
            throw parameters.invalid("waybill_codes", "have the main number among them")
        }
        order.slaves = codes
        order.updatedAt = world.now
        try world.objects.put(order)
        return ["result": true]
    }
}

/// Numbers in the carriers' current forms. Source: github.com/BF-zh/Courier-Validation.
enum WaybillNumbers {
    private static let forms: [String: (prefix: String, digits: Int)] = [
        "SF": ("SF1", 12), "ZTO": ("75", 12), "YTO": ("YT", 13), "STO": ("77", 13), "YUNDA": ("4", 14), "JD": ("JDVA", 11),
        "JTSD": ("JT", 13), "JT": ("JT", 13), "EMS": ("1", 12), "DB": ("DPK", 12),
    ]

    static func number(_ wpCode: String, _ count: Int) -> String {
        let form = forms[wpCode] ?? ("9", 12)
        let text = "\(count)"
        return form.prefix + String(repeating: "0", count: max(0, form.digits - text.count)) + text
    }
}
