public import Contracts
public import Partners
import Runtime
import Threads

extension PartnerEnvironment {
    /// A client for Pinduoduo at the addresses that are set, as the platform's own application; nil when there is none.
    public func pinduoduo() -> PinduoduoGateway? {
        partners.pinduoduo.map { pinduoduo(appKey: $0.appKey, appSecret: $0.appSecret) }
    }

    /// The same as the application that a credential names.
    public func pinduoduo(_ credential: Credential) -> PinduoduoGateway {
        pinduoduo(appKey: credential.appKey, appSecret: credential.appSecret)
    }

    private func pinduoduo(appKey: String, appSecret: String) -> PinduoduoGateway {
        PinduoduoGateway(
            application: PinduoduoGateway.Application(clientId: appKey, clientSecret: appSecret),
            endpoints: PinduoduoGateway.Endpoints(
                authorize: partners.pinduoduoAuthorizeURL, gateway: partners.pinduoduoGatewayURL, messages: partners.pinduoduoMessageURL),
            sender: http, timeout: partners.pinduoduoTimeout,
            control: control("pinduoduo", PinduoduoGateway.rates, partners.pinduoduoRates, partners.pinduoduoQuotaCodes),
            now: { [clock] in clock.now })
    }
}
