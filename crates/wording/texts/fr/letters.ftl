### Lettres et dates, en français.
###
### Une lettre de la sorte `k` a `letter-k-subject`, `letter-k-body` et tout ce que son modèle demande. Le ton
### est celui de la version anglaise ; on dit « vous », et les boutons sont à l’infinitif. Devant les signes
### doubles et à l’intérieur des guillemets se trouve une espace fine insécable (U+202F) ; un test y veille.

## Dates

instant = { $day ->
        [1] 1er
       *[other] { $day }
    } { $month } { $year } à { $time } UTC
instant-month =
    { $month ->
        [1] janvier
        [2] février
        [3] mars
        [4] avril
        [5] mai
        [6] juin
        [7] juillet
        [8] août
        [9] septembre
        [10] octobre
        [11] novembre
       *[12] décembre
    }

## Ce que les lettres ont en commun

letter-greeting = Bonjour,
letter-footer = Message automatique de { $shop }.
letter-contact = Une question, ou quelque chose d’anormal ? Contactez-nous : { $support }
letter-important = Informations importantes
letter-button-address = Si le bouton ne fonctionne pas, copiez cette adresse dans votre navigateur :
letter-link-once = Le lien fonctionne une seule fois, jusqu’au { $time }.
letter-deed-time = Date : { $time }
letter-deed-device = Appareil : { $device }
letter-deed-source = Réseau : { $source }
letter-deed-internal = nos propres systèmes
letter-nothing-to-do = Si c’est vous, vous n’avez rien à faire.
letter-not-you = Si ce n’est pas vous, contactez-nous dès maintenant : { $support }

## welcome

letter-welcome-subject = Bienvenue chez { $shop }
letter-welcome-subject-verify = Bienvenue chez { $shop } : confirmez votre adresse e-mail
letter-welcome-body = Un compte client a été créé chez { $shop } avec cette adresse e-mail.
letter-welcome-todo = Pour le compléter, confirmez que vous recevez bien les messages ici. La page qui s’ouvre demande le mot de passe que vous souhaitez pour ce compte.
letter-welcome-button = Confirmer mon adresse e-mail
letter-welcome-separate = Si l’adresse n’est pas encore confirmée, un autre message apporte le lien pour le faire.
letter-welcome-not-you = Si vous n’avez pas créé ce compte, ignorez ce message : sans votre confirmation, il reste incomplet.

## verify_address

letter-verify_address-subject = Confirmez votre adresse e-mail pour { $shop }
letter-verify_address-body = Un compte client chez { $shop } attend la confirmation de cette adresse e-mail.
letter-verify_address-todo = Pour le compléter, confirmez que vous recevez bien les messages ici. La page qui s’ouvre demande le mot de passe que vous souhaitez pour ce compte.
letter-verify_address-button = Confirmer mon adresse e-mail
letter-verify_address-not-you = Si vous n’avez pas créé ce compte, ignorez ce message : sans votre confirmation, il reste incomplet.

## already_registered

letter-already_registered-subject = Vous avez déjà un compte chez { $shop }
letter-already_registered-body = Une personne, sans doute vous, a essayé de créer un compte avec cette adresse e-mail. Elle a déjà un compte : rien n’a été créé et rien n’a changé.
letter-already_registered-todo = Si c’est vous, connectez-vous à { $shop } comme d’habitude. Sinon, vous n’avez rien à faire.

## address_resting

letter-address_resting-subject = Pas encore de nouveau compte { $shop } avec cette adresse
letter-address_resting-body = Une personne, sans doute vous, a essayé de créer un compte avec cette adresse e-mail. Un autre compte l’utilisait il y a peu. Pour protéger son titulaire, aucun compte ne peut être créé avec elle avant le { $time }.
letter-address_resting-todo = Si c’est vous, réessayez après cette date ou utilisez une autre adresse. Sinon, vous n’avez rien à faire.

## mailbox_proved

letter-mailbox_proved-subject = Votre compte { $shop } est complet
letter-mailbox_proved-body = Cette adresse e-mail a été confirmée et votre compte est complet. Son mot de passe est celui qui a été saisi lors de la confirmation, et tous les appareils connectés auparavant ont été déconnectés.
letter-mailbox_proved-todo = Vous pouvez maintenant vous connecter à { $shop }.

## new_sign_in

letter-new_sign_in-subject = Nouvelle connexion à votre compte { $shop }
letter-new_sign_in-body = Votre compte a été utilisé sur un appareil sur lequel il ne l’avait pas encore été.
letter-new_sign_in-todo = Si ce n’est pas vous, connectez-vous à { $shop }, changez de mot de passe et déconnectez-vous partout ailleurs. Puis contactez-nous : { $support }

## password_changed

letter-password_changed-subject = Votre mot de passe { $shop } a été modifié
letter-password_changed-body = Le mot de passe de votre compte a été modifié. L’ancien ne fonctionne plus.

## reset_password

letter-reset_password-subject = Choisissez un nouveau mot de passe pour { $shop }
letter-reset_password-body = Une personne, sans doute vous, a demandé un nouveau mot de passe pour votre compte chez { $shop }.
letter-reset_password-todo = Si c’est vous, choisissez le nouveau mot de passe avec ce lien. Tous les appareils seront déconnectés, et vous vous reconnecterez avec le nouveau mot de passe.
letter-reset_password-button = Choisir un nouveau mot de passe
letter-reset_password-not-you = Si ce n’est pas vous, ignorez ce message : rien n’a changé, et votre mot de passe actuel fonctionne toujours. Personne ne peut utiliser le lien sans lire vos messages.

## password_reset

letter-password_reset-subject = Votre mot de passe { $shop } a été remplacé
letter-password_reset-body = Le mot de passe de votre compte chez { $shop } a été remplacé avec un lien envoyé à l’adresse e-mail du compte. L’ancien mot de passe ne fonctionne plus, et tous les appareils ont été déconnectés.
letter-password_reset-not-you = Si ce n’est pas vous, une autre personne lit peut-être cette messagerie : changez d’abord le mot de passe de celle-ci, puis choisissez-en un nouveau pour votre compte. Si l’adresse de votre compte a été modifiée il y a peu sans que ce soit vous, ouvrez aussi notre message sur ce changement. Contactez-nous dès maintenant : { $support }

## no_account

letter-no_account-subject = Pas de compte chez { $shop } avec cette adresse
letter-no_account-body = Une personne, sans doute vous, a demandé le compte chez { $shop } qui correspond à cette adresse e-mail. Il n’y en a pas.
letter-no_account-todo = Si c’est vous, essayez vos autres adresses : votre compte en a peut-être une autre, ou vous l’avez changée. Si vous n’avez pas encore de compte, vous pouvez en créer un chez { $shop } avec cette adresse.
letter-no_account-not-you = Si ce n’est pas vous, vous n’avez rien à faire : rien n’a été créé.

## account_reminder

letter-account_reminder-subject = Votre compte chez { $shop }
letter-account_reminder-body = Une personne, sans doute vous, a demandé s’il existe un compte chez { $shop } pour cette adresse e-mail. Il y en a un.
letter-account_reminder-todo = Pour vous connecter à { $shop }, utilisez l’adresse à laquelle ce message a été envoyé. Si vous avez oublié le mot de passe, demandez-en un nouveau au même endroit.
letter-account_reminder-not-you = Si ce n’est pas vous, vous n’avez rien à faire : vous seul en êtes informé, et rien n’a changé.

## profile_changed

letter-profile_changed-subject = Les informations de votre compte { $shop } ont été modifiées
letter-profile_changed-body = Le nom ou la langue de votre compte a été modifié.

## sessions_ended

letter-sessions_ended-subject = Vos autres appareils ont été déconnectés de { $shop }
letter-sessions_ended-body = Une personne connectée à votre compte en a déconnecté tous les autres appareils.

## confirm_email_change

letter-confirm_email_change-subject = Confirmez votre nouvelle adresse e-mail pour { $shop }
letter-confirm_email_change-body = Le titulaire d’un compte chez { $shop } a demandé à utiliser cette adresse e-mail à la place de { $old }.
letter-confirm_email_change-todo = Si un autre message, envoyé à { $old }, vous demande votre accord, donnez-le d’abord. Confirmez ensuite ici pour terminer le changement. En attendant, connectez-vous toujours avec { $old }.
letter-confirm_email_change-effect = Vos commandes, adhésions et abonnements restent sur votre compte.
letter-confirm_email_change-button = Confirmer ma nouvelle adresse
letter-confirm_email_change-not-you = Si vous n’avez rien demandé, ignorez ce message : rien ne change.

## email_change_requested

letter-email_change_requested-subject = Votre adresse e-mail va changer
letter-email_change_requested-body = Une personne connectée à votre compte chez { $shop } a demandé à remplacer cette adresse par { $new }.
letter-email_change_requested-todo = Si c’est vous, vous n’avez rien à faire de ce message. Sinon, arrêtez ce changement dès maintenant.
letter-email_change_requested-button = Arrêter ce changement
letter-email_change_requested-until = Vous pouvez le faire jusqu’au { $time }.

## approve_email_change

letter-approve_email_change-subject = Acceptez-vous une nouvelle adresse e-mail ?
letter-approve_email_change-body = Une personne connectée à votre compte { $shop } a demandé de remplacer cette adresse par { $new }. Cela n’aura lieu que si vous l’acceptez ici.
letter-approve_email_change-todo = Si c’était vous, acceptez. Ouvrez ensuite le message envoyé à la nouvelle adresse.
letter-approve_email_change-button = J’accepte le changement
letter-approve_email_change-not-you = Si ce n’était pas vous, n’acceptez pas, et arrêtez le changement avec l’autre message envoyé à cette adresse.

## email_changed_old

letter-email_changed_old-subject = Votre adresse e-mail a été modifiée
letter-email_changed_old-body = L’adresse e-mail de votre compte chez { $shop } est désormais { $new }. Cette adresse-ci ne permet plus de s’y connecter.
letter-email_changed_old-todo = Si c’est vous, rien à faire. Sinon, dites-le-nous dès maintenant et nous protégeons le compte.
letter-email_changed_old-button = Signaler que ce n’était pas moi
letter-email_changed_old-until = Vous pouvez le faire jusqu’au { $time }.

## email_changed_new

letter-email_changed_new-subject = Votre compte { $shop } utilise désormais cette adresse
letter-email_changed_new-body = Cette adresse e-mail remplace { $old }. Connectez-vous désormais à { $shop } avec elle.
letter-email_changed_new-effect = Vos commandes, adhésions et abonnements restent sur votre compte.

## email_change_cancelled

letter-email_change_cancelled-subject = Le changement de votre adresse e-mail a été annulé
letter-email_change_cancelled-body = Le passage à { $new } a été annulé. L’adresse e-mail de votre compte chez { $shop } reste la même.

## address_tried

letter-address_tried-subject = Une personne a voulu utiliser votre adresse pour un autre compte
letter-address_tried-body = Une personne connectée à un autre compte chez { $shop } a demandé à le rattacher à cette adresse e-mail. Elle appartient à votre compte : rien n’a changé.
letter-address_tried-todo = Si c’est vous : deux comptes ne peuvent pas avoir la même adresse. Choisissez celui que vous souhaitez continuer à utiliser. Sinon, vous n’avez rien à faire.

## email_change_disputed

letter-email_change_disputed-subject = Votre compte { $shop } est protégé pour le moment
letter-email_change_disputed-body = Une personne nous a signalé, depuis une messagerie de ce compte, que le changement de son adresse e-mail ne venait pas d’elle. Tous les appareils ont été déconnectés. Jusqu’au { $time }, aucune personne connectée ne peut modifier l’adresse e-mail ni le mot de passe.
letter-email_change_disputed-todo = Si vous êtes le titulaire de ce compte, ouvrez encore une fois le lien de notre message sur ce changement, dans la messagerie de l’ancienne adresse : avec le mot de passe que vous aviez avant le changement et un nouveau, vous retrouvez aussitôt votre compte. Si vous n’y parvenez pas, contactez-nous : { $support }

## email_change_reverted

letter-email_change_reverted-subject = L’ancienne adresse e-mail de votre compte { $shop } est de retour
letter-email_change_reverted-body = Le changement d’adresse e-mail a été annulé. Le compte utilise de nouveau { $old }, avec un nouveau mot de passe, et tous les appareils ont été déconnectés.

## factors

letter-factor-totp = une application d’authentification
letter-factor-backup_codes = des codes de secours

## bind_factor

letter-bind_factor-subject = Confirmez la deuxième étape de votre compte { $shop }
letter-bind_factor-body = Une personne connectée à votre compte { $shop } souhaite ajouter une deuxième étape : un code fourni par une application, en plus du mot de passe. Elle n’est ajoutée qu’avec ce lien.
letter-bind_factor-button = Confirmer la deuxième étape
letter-bind_factor-not-you = Si ce n’était pas vous, n’appuyez pas sur le bouton : rien ne sera ajouté. Quelqu’un connaît votre mot de passe. Connectez-vous et changez-le.

## factor_bound

letter-factor_bound-subject = Une deuxième étape protège votre compte { $shop }
letter-factor_bound-body = Désormais, la connexion demande une deuxième étape en plus du mot de passe : { $factor }. Tous les autres appareils ont été déconnectés.

## factor_removed

letter-factor_removed-subject = Une deuxième étape de votre compte { $shop } a été retirée
letter-factor_removed-body = Ceci ne permet plus d’ouvrir votre compte : { $factor }. Tous les autres appareils ont été déconnectés.

## backup_codes_renewed

letter-backup_codes_renewed-subject = Nouveaux codes de secours pour votre compte { $shop }
letter-backup_codes_renewed-body = De nouveaux codes de secours ont été créés. Les précédents ne fonctionnent plus. Tous les autres appareils ont été déconnectés.

## backup_code_used

letter-backup_code_used-subject = Un code de secours de votre compte { $shop } a été utilisé
letter-backup_code_used-body = Un code de secours a été utilisé. Codes restants : { $left }
letter-backup_code_used-todo = Vous pouvez à tout moment créer de nouveaux codes de secours dans votre compte.

## second_step_failed

letter-second_step_failed-subject = Quelqu’un a le mot de passe de votre compte { $shop }
letter-second_step_failed-body = Une personne a donné le bon mot de passe, puis un code incorrect. Elle n’est pas entrée.
letter-second_step_failed-todo = Si ce n’était pas vous, connectez-vous et changez votre mot de passe : quelqu’un le connaît.

## device_trusted

letter-device_trusted-subject = Un appareil de votre compte { $shop } est dispensé de la deuxième étape
letter-device_trusted-body = Jusqu’au { $time }, aucun code n’est demandé à cet appareil lors de la connexion. Le mot de passe reste nécessaire.
