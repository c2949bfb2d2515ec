import CurlDriver
import Foundation
import Identity
import Mailer
import Payouts
import ServiceKit
import Values
import Web

/// What the doctor finds outside the installation: it asks the mail server, the company's identity provider and the
/// payment provider, without sending or ordering anything.
extension Doctor {
    /// How many seconds each may take.
    private static let seconds = 10

    /// Enough to make the outside connections; nothing is read or written with it.
    private func outsideParts() throws -> ServiceParts {
        ServiceParts(
            company: try settings.company(), environment: environment, secret: Installation.noSecret,
            settings: settings.values,
            log: NoLog(codes: Installation.codes(secret: Installation.noSecret, environment: environment)),
            asker: ServiceAsker(elsewhere: nil), outbound: .real(), missing: { _, _, _ in })
    }

    func mail() -> Diagnosis {
        let transport: (any MailTransport)?
        do {
            transport = try MailSettings(outsideParts()).transport
        } catch {
            return .wrong("mail", "\(error)", "Mend \(folder)/\(DataFolder.configurationName).")
        }
        guard let smtp = transport as? SMTPTransport else {
            return .fine("mail", "no mail-server: letters are kept, and can be read on the page Letters")
        }
        let options = smtp.client.options
        let reply = smtp.client.look(seconds: Doctor.seconds)
        guard reply.kind == .accepted else {
            return .wrong(
                "mail", "\(smtp.address): \(reply.words)",
                "Letters wait until it works: look at mail-server, mail-tls, mail-user and mail-password, and at the "
                    + "server itself. Then popug mail test ADDRESS.")
        }
        let isOpen = options.security == .none || options.security == .offered
        let user = options.user.map { ", signed in as \($0)" } ?? ""
        let finding = "\(smtp.address)\(isOpen ? "" : ", encrypted")\(user): \(reply.words)"
        guard isOpen, !NetworkAddress.isHere(options.host) else { return .fine("mail", finding) }
        return .warning(
            "mail", "\(smtp.address) may be spoken to in the clear", "Set mail-tls to required, if the server has TLS.")
    }

    func companyAccount() -> Diagnosis {
        let name = "company account"
        do {
            guard let (issuer, trouble) = try CompanyProvider.finding(outsideParts()) else {
                return .fine(name, "no openid-issuer: people sign in with what they have here")
            }
            guard let trouble else { return .fine(name, "\(issuer) answers, and its keys can be used") }
            return .wrong(
                name, trouble,
                "People sign in with other ways until it works: look at openid-issuer, and at the provider itself.")
        } catch {
            return .wrong(name, "\(error)", "Mend \(folder)/\(DataFolder.configurationName).")
        }
    }

    /// Asks about a payment that the provider cannot know: the answer "unknown" proves the address and the shared
    /// secret.
    func provider() -> Diagnosis {
        let provider: (any PaymentProvider)?
        do {
            provider = try PayoutsService.provider(outsideParts())
        } catch {
            return .wrong("provider", "\(error)", "Mend \(folder)/\(DataFolder.configurationName).")
        }
        guard let outbound = provider as? any OutsideProvider else {
            return .fine("provider", "built-in: it records what it would pay")
        }
        do {
            guard try outbound.status(of: environment.newID()) == nil else {
                return .wrong(
                    "provider", "\(outbound.name) says that it knows a payment that nobody has ordered",
                    "Hold payouts, and ask the provider: it does not keep the protocol of docs/payouts.md.")
            }
            return .fine("provider", "\(outbound.name) answers, and takes our signature")
        } catch {
            return .wrong(
                "provider", "\(outbound.name): \(error)",
                "Payouts wait until it works: look at provider-address, the provider's secret, and this machine's clock."
            )
        }
    }
}
