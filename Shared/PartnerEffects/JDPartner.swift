public import Contracts
public import Partners
import Runtime
import Threads

extension PartnerEnvironment {
    /// Clients for JD at the addresses that are set.
    public func jd() -> JDClients {
        // JD publishes no rates.
        let control = control("jd", CallRates(), partners.jdRates, partners.jdQuotaCodes)
        return JDClients(
            wire: Wire(partner: "jd", sender: http, timeout: partners.jdTimeout, control: control),
            endpoints: JDEndpoints(
                oauth: partners.jdOAuthURL, jos: partners.jdJOSURL, iscOAuth: partners.jdISCOAuthURL, isc: partners.jdISCURL),
            clock: { [clock] in clock.now })
    }
}

extension JDLink {
    /// - Parameter isvSource: the deployment's own, where the row names none.
    public init(_ row: WarehouseRow, isvSource: String?) {
        self.init(
            pin: row.pin, departmentCode: row.departmentCode, warehouseCode: row.warehouseCode, shopNo: row.shopNo,
            supplierNo: row.supplierNo, carrierCode: row.carrierCode, isvSource: row.isvSource ?? isvSource)
    }
}
