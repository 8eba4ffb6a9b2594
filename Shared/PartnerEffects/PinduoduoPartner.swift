public import Contracts
public import Partners
public import Runtime
public import Threads

extension ServiceEnvironment {
    /// A client for Pinduoduo at the addresses that are set, as the platform's own application; nil when there is none.
    /// - Parameter clock: now, for requests' times.
    public func pinduoduo(clock: @escaping @Sendable () -> Timestamp) -> PinduoduoGateway? {
        partners.pinduoduo.map { pinduoduo(appKey: $0.appKey, appSecret: $0.appSecret, clock: clock) }
    }

    /// The same as the application that a credential names.
    public func pinduoduo(_ credential: Credential, clock: @escaping @Sendable () -> Timestamp) -> PinduoduoGateway {
        pinduoduo(appKey: credential.appKey, appSecret: credential.appSecret, clock: clock)
    }

    private func pinduoduo(appKey: String, appSecret: String, clock: @escaping @Sendable () -> Timestamp) -> PinduoduoGateway {
        PinduoduoGateway(
            application: PinduoduoGateway.Application(clientId: appKey, clientSecret: appSecret),
            endpoints: PinduoduoGateway.Endpoints(
                authorize: partners.pinduoduoAuthorizeURL, gateway: partners.pinduoduoGatewayURL, messages: partners.pinduoduoMessageURL),
            sender: http, timeout: partners.pinduoduoTimeout,
            control: control("pinduoduo", PinduoduoGateway.rates, partners.pinduoduoRates, partners.pinduoduoQuotaCodes), now: clock)
    }
}
