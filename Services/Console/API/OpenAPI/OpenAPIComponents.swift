import Contracts
import JSON
import ReadModel

/// What the document's operations refer to.
enum OpenAPIComponents {
    /// Of the views and rows that lists are made of, from their declared fields.
    static func addViews(to schemas: inout OpenAPISchemas) {
        schemas.add("Order", OrderView.schema)
        schemas.add("Parcel", ParcelView.schema)
        schemas.add("Shop", ParticipantRow.schema)
        schemas.add("Binding", BindingView.schema)
        schemas.add("Rule", RuleRow.schema)
        schemas.add("Pool", PoolView.schema)
        schemas.add("Warehouse", WarehouseRow.schema)
        schemas.add("Stock", StockRow.schema)
        schemas.add("Inbound", InboundView.schema)
        schemas.add("Channel", ChannelRow.schema)
        schemas.add("Authorization", AuthorizationView.schema)
        schemas.add("DeadLetter", DeadLetterView.schema)
        schemas.add("TraceMessage", TraceView.schema)
        schemas.add("OrderCounts", counts(OrderStateName.allCases.map(\.rawValue)))
        schemas.add("ParcelCounts", counts(ParcelStateName.allCases.map(\.rawValue)))
        for (name, text) in written + worksWritten { schemas.add(name, OpenAPIDocument.value(text)) }
        schemas.add("NewBatch", newBatch)
    }

    private static func counts(_ states: [String]) -> JSONValue {
        .object([
            ("type", .string("object")),
            ("properties", .object(states.map { ($0, .object([("type", .string("integer")), ("minimum", .int(0))])) })),
            ("required", .array(states.map { .string($0) })),
        ])
    }

    /// Each service with the commands that people send to it.
    private static var newBatch: JSONValue {
        let choices: [JSONValue] = ServiceName.domainServices.map { service in
            let names = CommandName.all.filter { $0.service == service && $0.isForPeople }
            let commands: [JSONValue] = names.map { .string($0.command) }
            let properties: [(String, JSONValue)] = [
                ("service", .object([("const", .string(service.rawValue))])), ("command", .object([("enum", .array(commands))])),
            ]
            return .object([("properties", .object(properties))])
        }
        guard case .object(let members) = OpenAPIDocument.value(Self.batchText) else { return .null }
        return .object(members + [("anyOf", .array(choices))])
    }

    private static let batchText = #"""
        {"type":"object","properties":{"service":{"type":"string"},"command":{"type":"string"},"items":{"type":"array","minItems":1,"maxItems":5000,"description":"the data of each command"},"retryOf":{"type":["string","null"],"minLength":1,"maxLength":128,"description":"the batch whose refused items these are"}},"required":["service","command","items"]}
        """#

    /// Documents that no type declares.
    private static let written: [(String, String)] = [
        (
            "Event",
            #"{"type":"object","properties":{"id":{"type":"string"},"type":{"type":"string"},"key":{"type":"string"},"time":{"type":"string","format":"date-time"},"data":{"type":"object"}},"required":["id","type","key","time","data"]}"#
        ),
        (
            "Refusal",
            #"{"type":"object","properties":{"code":{"type":"string"},"detail":{"type":"string"},"field":{"type":"string"},"details":{"type":"object"}},"required":["code","detail"]}"#
        ),
        (
            "Command",
            ##"{"type":"object","properties":{"commandId":{"type":"string"},"type":{"type":"string"},"key":{"type":"string"},"at":{"type":"string","format":"date-time"},"state":{"type":"string","enum":["pending","accepted","refused"]},"events":{"type":"array","items":{"$ref":"#/components/schemas/Event"}},"refusal":{"$ref":"#/components/schemas/Refusal"}},"required":["commandId","type","key","at","state","events"]}"##
        ),
        (
            "BatchRefusal",
            #"{"type":"object","properties":{"index":{"type":"integer","minimum":0},"orderId":{"type":"string"},"allocationId":{"type":"string"},"code":{"type":"string"},"field":{"type":"string"},"detail":{"type":"string"}},"required":["index","detail"]}"#
        ),
        (
            "Batch",
            ##"{"type":"object","properties":{"batchId":{"type":"string"},"service":{"type":"string"},"command":{"type":"string"},"user":{"type":"string"},"at":{"type":"string","format":"date-time"},"retryOf":{"type":"string"},"total":{"type":"integer"},"accepted":{"type":"integer"},"refused":{"type":"integer"},"pending":{"type":"integer"},"refusals":{"type":"array","items":{"$ref":"#/components/schemas/BatchRefusal"}}},"required":["batchId","service","command","user","at","total","accepted","refused","pending"]}"##
        ),
        (
            "LogIn",
            #"{"type":"object","properties":{"user":{"type":"string"},"password":{"type":"string"}},"required":["user","password"]}"#
        ),
        (
            "NewUser",
            #"{"type":"object","properties":{"user":{"type":"string","minLength":1,"maxLength":64},"password":{"type":"string","minLength":10,"maxLength":128},"language":{"type":"string","enum":["zh","vi","en"]}},"required":["user","password","language"]}"#
        ),
        (
            "ProfileChange",
            #"{"type":"object","properties":{"language":{"type":["string","null"],"enum":["zh","vi","en",null]},"zone":{"type":["string","null"],"description":"a name of the IANA time zone database","examples":["Asia/Shanghai"]},"password":{"type":["string","null"],"minLength":10,"maxLength":128},"oldPassword":{"type":["string","null"]}}}"#
        ),
        (
            "Actor",
            #"{"type":"object","properties":{"actor":{"type":"string"},"role":{"type":"string","enum":["owner","clerk"]},"name":{"type":"string"}},"required":["actor","role","name"]}"#
        ),
        (
            "Session",
            ##"{"type":"object","properties":{"user":{"type":"string"},"userId":{"type":"string"},"actors":{"type":"array","items":{"$ref":"#/components/schemas/Actor"}},"language":{"type":"string","enum":["zh","vi","en"]},"zone":{"type":"string"},"csrfToken":{"type":"string"}},"required":["user","userId","actors","language","zone","csrfToken"]}"##
        ),
        (
            "Sessions",
            #"{"type":"object","properties":{"items":{"type":"array","items":{"type":"object","properties":{"id":{"type":"string"},"at":{"type":"string","format":"date-time"},"lastUsedAt":{"type":"string","format":"date-time"},"address":{"type":"string"},"browser":{"type":"string"},"current":{"type":"boolean"}},"required":["id","at","lastUsedAt","address","browser","current"]}}},"required":["items"]}"#
        ),
        (
            "NewInvitation",
            #"{"type":"object","properties":{"actor":{"type":["string","null"],"description":"absent: the caller's own; of an operator: any, or operator","pattern":"^(operator|(merchant|factory|operator):[A-Za-z0-9_-]{1,64})$"},"role":{"type":"string","enum":["owner","clerk"]}},"required":["role"]}"#
        ),
        (
            "Invitation",
            #"{"type":"object","properties":{"actor":{"type":"string"},"role":{"type":"string","enum":["owner","clerk"]},"reset":{"type":"boolean"},"user":{"type":"string"},"expiresAt":{"type":"string","format":"date-time"}},"required":["expiresAt"]}"#
        ),
        (
            "InvitationUse",
            #"{"type":"object","description":"a new user; {} with a session and its CSRF token; of a reset the password alone","properties":{"user":{"type":["string","null"]},"password":{"type":["string","null"]},"language":{"type":["string","null"],"enum":["zh","vi","en",null]}}}"#
        ),
        (
            "Users",
            #"{"type":"object","properties":{"items":{"type":"array","items":{"type":"object","properties":{"user":{"type":"string"},"language":{"type":"string","enum":["zh","vi","en"]},"role":{"type":"string","enum":["owner","clerk"]},"actor":{"type":"string"}},"required":["user","language"]}}},"required":["items"]}"#
        ),
        (
            "OneTimeCode",
            #"{"type":"object","properties":{"link":{"type":"string"},"code":{"type":"string"},"expiresAt":{"type":"string","format":"date-time"}},"required":["link","code","expiresAt"]}"#
        ),
    ]

    private static let worksWritten: [(String, String)] = [
        (
            "BadRow",
            #"{"type":"object","properties":{"line":{"type":"integer","description":"where the row begins; of a workbook its row"},"orderNumber":{"type":"string"},"column":{"type":"string"},"reason":{"type":"string"}},"required":["line","reason"]}"#
        ),
        (
            "Import",
            ##"{"type":"object","properties":{"importId":{"type":"string"},"merchantShopId":{"type":"string"},"user":{"type":"string"},"at":{"type":"string","format":"date-time"},"state":{"type":"string","enum":["running","done","failed"]},"records":{"type":"integer"},"placed":{"type":"integer"},"afterSale":{"type":"integer"},"riskHeld":{"type":"integer"},"notToShip":{"type":"object","additionalProperties":{"type":"integer"}},"known":{"type":"integer"},"copies":{"type":"integer"},"badRows":{"type":"integer"},"rows":{"type":"array","maxItems":100,"items":{"$ref":"#/components/schemas/BadRow"}}},"required":["importId","merchantShopId","user","at","state","badRows"]}"##
        ),
        (
            "NewLabels",
            #"{"type":"object","properties":{"allocationIds":{"type":"array","minItems":1,"maxItems":500,"uniqueItems":true,"items":{"type":"string","minLength":1}},"format":{"type":"string","enum":["pdf","svg"]},"partial":{"type":["boolean","null"],"description":"what cannot be printed is left out"}},"required":["allocationIds","format"],"if":{"properties":{"format":{"const":"svg"}}},"then":{"properties":{"allocationIds":{"maxItems":1}}}}"#
        ),
        (
            "NewPrintJob",
            #"{"type":"object","properties":{"allocationIds":{"type":"array","minItems":1,"maxItems":500,"uniqueItems":true,"items":{"type":"string","minLength":1}},"partial":{"type":["boolean","null"],"description":"what cannot be printed is left out"}},"required":["allocationIds"]}"#
        ),
        (
            "PrintItems",
            #"{"type":"object","properties":{"items":{"type":"array","items":{"type":"object","properties":{"allocationId":{"type":"string"},"component":{"type":"string"},"documentId":{"type":"string"},"content":{"type":"string","description":"the platform's text, byte for byte"}},"required":["allocationId","component","documentId","content"]}}},"required":["items"]}"#
        ),
        (
            "Services",
            #"{"type":"object","properties":{"items":{"type":"array","items":{"type":"object","properties":{"service":{"type":"string"},"instance":{"type":"string"},"ready":{"type":"boolean"},"reason":{"type":"string"},"shards":{"type":"array","items":{"type":"object","properties":{"shard":{"type":"integer"},"lag":{"type":"integer"}},"required":["shard","lag"]}},"outbox":{"type":"integer"},"effects":{"type":"object","additionalProperties":{"type":"integer"}},"at":{"type":"string","format":"date-time"}},"required":["service","ready","shards","outbox","effects"]}}},"required":["items"]}"#
        ),
        (
            "DeadLetterWithBytes",
            ##"{"allOf":[{"$ref":"#/components/schemas/DeadLetter"},{"type":"object","properties":{"bytes":{"description":"JSON in which texts of people, secrets and undeclared fields are ***; of anything else the length"}}}]}"##
        ),
        (
            "Replay",
            #"{"type":"object","properties":{"ids":{"type":"array","minItems":1,"maxItems":500,"items":{"type":"string"}}},"required":["ids"]}"#
        ),
        (
            "Replayed",
            #"{"type":"object","properties":{"replayed":{"type":"integer","minimum":0},"refused":{"type":"array","items":{"type":"object","properties":{"id":{"type":"string"},"code":{"type":"string"}},"required":["id","code"]}}},"required":["replayed","refused"]}"#
        ),
        (
            "Trace",
            ##"{"type":"object","properties":{"items":{"type":"array","items":{"$ref":"#/components/schemas/TraceMessage"}}},"required":["items"]}"##
        ),
    ]

    static let links: [(String, String)] = [
        ("command", #"{"operationId":"show-command","parameters":{"commandId":"$response.body#/commandId"}}"#),
        ("import", #"{"operationId":"show-import","parameters":{"importId":"$response.body#/importId"}}"#),
        ("batch", #"{"operationId":"show-batch","parameters":{"batchId":"$response.body#/batchId"}}"#),
    ]

    static let headers: [(String, String)] = [
        ("Location", #"{"description":"where it can be asked for","required":true,"schema":{"type":"string"}}"#),
        ("Preference-Applied", #"{"description":"the wait that was used, where Prefer names one","schema":{"type":"string"}}"#),
        (
            "X-Daifa-Left-Out",
            #"{"description":"how many could not be printed, where the request says partial","schema":{"type":"integer","minimum":0}}"#
        ),
        ("Set-Cookie", #"{"description":"daifa_session","schema":{"type":"string"}}"#),
        ("Retry-After", #"{"description":"seconds after which to try again","required":true,"schema":{"type":"integer","minimum":1}}"#),
        ("WWW-Authenticate", #"{"required":true,"schema":{"type":"string","const":"Bearer"}}"#),
        ("Content-Language", #"{"required":true,"schema":{"type":"string","enum":["zh-Hans","vi","en"]}}"#),
    ]

    /// Of queries and headers.
    static var parameters: [(String, JSONValue)] {
        texts.map { ($0, OpenAPIDocument.value($1)) }
            + [
                ("orderState", choices("state", OrderStateName.allCases.map(\.rawValue), several: true)),
                ("parcelState", choices("state", ParcelStateName.allCases.map(\.rawValue), several: true)),
                ("hold", choices("hold", Hold.allCases.map(\.rawValue), several: true)),
                ("letterService", choices("service", ServiceName.domainServices.map(\.rawValue), several: false)),
                ("order", choices("order", ListOrder.allCases.map(\.rawValue), several: false)),
            ]
    }

    private static func choices(_ name: String, _ values: [String], several: Bool) -> JSONValue {
        let one = JSONValue.object([("type", .string("string")), ("enum", .array(values.map { .string($0) }))])
        let schema = several ? JSONValue.object([("type", .string("array")), ("items", one)]) : one
        return .object([("name", .string(name)), ("in", .string("query")), ("schema", schema)])
    }

    private static let texts: [(String, String)] = [
        (
            "limit",
            #"{"name":"limit","in":"query","description":"items of a page","schema":{"type":"integer","minimum":1,"maximum":200,"default":50}}"#
        ),
        (
            "after",
            #"{"name":"after","in":"query","description":"next of the page before, as it is; anything else is 400","schema":{"type":"string","minLength":1}}"#
        ),
        (
            "commandState", #"{"name":"state","in":"query","schema":{"type":"string","enum":["pending","accepted","refused"]}}"#
        ),
        (
            "factory",
            #"{"name":"factory","in":"query","description":"shop id of a factory that has a part","schema":{"type":"string","minLength":1}}"#
        ),
        ("merchant", #"{"name":"merchant","in":"query","description":"shop id of a merchant","schema":{"type":"string","minLength":1}}"#),
        ("carrier", #"{"name":"carrier","in":"query","schema":{"type":"string","minLength":1}}"#),
        ("door", #"{"name":"door","in":"query","description":"a mergeKey","schema":{"type":"string","minLength":1}}"#),
        (
            "text",
            #"{"name":"text","in":"query","description":"an exact or leading part of an id or number, or a part of names and the remark; without case","schema":{"type":"string","minLength":1,"maxLength":200}}"#
        ),
        ("from", #"{"name":"from","in":"query","schema":{"type":"string","format":"date-time"}}"#),
        ("to", #"{"name":"to","in":"query","schema":{"type":"string","format":"date-time"}}"#),
        ("shipBefore", #"{"name":"shipBefore","in":"query","schema":{"type":"string","format":"date-time"}}"#),
        ("shippable", #"{"name":"shippable","in":"query","description":"whether a part is ready","schema":{"type":"boolean"}}"#),
        (
            "actor",
            #"{"name":"actor","in":"query","description":"whom the caller acts for, where no header can be set: merchant:<shopId>, factory:<shopId>, operator:<id>","schema":{"type":"string"}}"#
        ),
        (
            "actorHeader",
            #"{"name":"X-Daifa-Actor","in":"header","description":"whom the caller acts for, where he acts for several","schema":{"type":"string"}}"#
        ),
        (
            "prefer",
            #"{"name":"Prefer","in":"header","description":"wait=<seconds>, 0 to 30: how long to wait for the answer (10)","schema":{"type":"string"},"example":"wait=5"}"#
        ),
        (
            "idempotencyKey",
            #"{"name":"Idempotency-Key","in":"header","description":"the same key with the same request is the same request, for seven days","schema":{"type":"string","minLength":1,"maxLength":128}}"#
        ),
        (
            "csrf",
            #"{"name":"X-CSRF-Token","in":"header","description":"csrfToken of the session; tokens need none","schema":{"type":"string"}}"#
        ),
        (
            "ifMatch",
            #"{"name":"If-Match","in":"header","description":"the version that was seen, in quotes; another one stands there: 412","schema":{"type":"string","pattern":"^\"[0-9]{1,9}\"$"},"example":"\"3\""}"#
        ),
        (
            "importingMerchant",
            #"{"name":"merchant","in":"query","required":true,"description":"the caller's own shop id","schema":{"type":"string","minLength":1}}"#
        ),
        ("bytes", #"{"name":"bytes","in":"query","description":"whether to tell the body","schema":{"type":"boolean"}}"#),
        ("since", #"{"name":"since","in":"query","description":"an id of an event","schema":{"type":"string","minLength":1}}"#),
        ("lastEventId", #"{"name":"Last-Event-ID","in":"header","schema":{"type":"string"}}"#),
    ]
}
