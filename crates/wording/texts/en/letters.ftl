### Letters and instants, in English.
###
### A letter of the kind `k` has `letter-k-subject`, `letter-k-body` and whatever else its template asks for.
### The voice: what happened, what it means, what to do, in that order. No blame, no exclamation marks, no
### jargon. A letter to a mailbox that is not proved yet holds nothing about a person.

## Instants

instant = { $day } { $month } { $year } at { $time } UTC
instant-month =
    { $month ->
        [1] January
        [2] February
        [3] March
        [4] April
        [5] May
        [6] June
        [7] July
        [8] August
        [9] September
        [10] October
        [11] November
       *[12] December
    }

## What letters share

letter-greeting = Hello,
letter-footer = Automatic message from { $shop }.
letter-contact = Questions, or something looks wrong? Contact us: { $support }
letter-important = Important information
letter-button-address = If the button does not work, copy this address into your browser:
letter-link-once = The link works once, until { $time }.
letter-deed-time = When: { $time }
letter-deed-device = Device: { $device }
letter-deed-source = Network: { $source }
letter-deed-internal = our own systems
letter-nothing-to-do = If it was you, you do not need to do anything.
letter-not-you = If it was not you, contact us now: { $support }

## welcome

letter-welcome-subject = Welcome to { $shop }
letter-welcome-subject-verify = Welcome to { $shop }: confirm your e-mail address
letter-welcome-body = A customer account was created at { $shop } with this e-mail address.
letter-welcome-todo = To complete it, confirm that you receive mail here. The page that opens asks for the password that you want for the account.
letter-welcome-button = Confirm my e-mail address
letter-welcome-separate = If the address is not confirmed yet, another message brings the link for it.
letter-welcome-not-you = If you did not create this account, ignore this message: without your confirmation it stays incomplete.

## verify_address

letter-verify_address-subject = Confirm your e-mail address for { $shop }
letter-verify_address-body = A customer account at { $shop } waits for the confirmation of this e-mail address.
letter-verify_address-todo = To complete it, confirm that you receive mail here. The page that opens asks for the password that you want for the account.
letter-verify_address-button = Confirm my e-mail address
letter-verify_address-not-you = If you did not create this account, ignore this message: without your confirmation it stays incomplete.

## already_registered

letter-already_registered-subject = You already have an account at { $shop }
letter-already_registered-body = Someone, probably you, tried to create an account with this e-mail address. It has an account already, so nothing was created and nothing changed.
letter-already_registered-todo = If it was you, sign in to { $shop } as usual. If not, you do not need to do anything.

## address_resting

letter-address_resting-subject = No new account at { $shop } with this address yet
letter-address_resting-body = Someone, probably you, tried to create an account with this e-mail address. Another account used it until a short time ago. To protect its owner, no account can be created with it before { $time }.
letter-address_resting-todo = If it was you, try again after that, or use another address. If not, you do not need to do anything.

## mailbox_proved

letter-mailbox_proved-subject = Your { $shop } account is complete
letter-mailbox_proved-body = This e-mail address was confirmed and your account is complete. Its password is the one that was typed with the confirmation, and every device that was signed in before has been signed out.
letter-mailbox_proved-todo = You can now sign in to { $shop }.

## new_sign_in

letter-new_sign_in-subject = New sign-in to your { $shop } account
letter-new_sign_in-body = Your account was used on a device that it was not used on before.
letter-new_sign_in-todo = If it was not you, sign in to { $shop }, change your password and sign out everywhere else. Then contact us: { $support }

## password_changed

letter-password_changed-subject = Your { $shop } password was changed
letter-password_changed-body = The password of your account was changed. The earlier one no longer works.

## reset_password

letter-reset_password-subject = Choose a new password for { $shop }
letter-reset_password-body = Someone, probably you, asked for a new password for your account at { $shop }.
letter-reset_password-todo = If it was you, choose the new password with this link. Every device will be signed out, and you sign in again with the new password.
letter-reset_password-button = Choose a new password
letter-reset_password-not-you = If it was not you, ignore this message: nothing has changed, and the password that you have still works. Nobody can use the link without reading your mail.

## password_reset

letter-password_reset-subject = Your { $shop } password was replaced
letter-password_reset-body = The password of your account at { $shop } was replaced with a link that we had sent to its e-mail address. The earlier password no longer works, and every device was signed out.
letter-password_reset-not-you = If it was not you, somebody else may read that mailbox: change its password first, then choose a new one for your account. If the address of your account was changed a short time ago and it was not you, open our message about that change as well. Contact us now: { $support }

## no_account

letter-no_account-subject = No account at { $shop } with this address
letter-no_account-body = Someone, probably you, asked about the account at { $shop } that belongs to this e-mail address. There is none.
letter-no_account-todo = If it was you, try your other addresses: your account may have another one, or you may have changed it. If you have no account yet, you can create one at { $shop } with this address.
letter-no_account-not-you = If it was not you, you do not need to do anything: nothing was created.

## account_reminder

letter-account_reminder-subject = Your account at { $shop }
letter-account_reminder-body = Someone, probably you, asked whether there is an account at { $shop } for this e-mail address. There is.
letter-account_reminder-todo = To sign in to { $shop }, use the address to which this message was sent. If you have forgotten the password, ask there for a new one.
letter-account_reminder-not-you = If it was not you, you do not need to do anything: only you were told, and nothing changed.

## profile_changed

letter-profile_changed-subject = Your { $shop } account details were changed
letter-profile_changed-body = The name or the language of your account was changed.

## sessions_ended

letter-sessions_ended-subject = You were signed out of { $shop } on other devices
letter-sessions_ended-body = Someone signed in to your account signed out all its other devices.

## confirm_email_change

letter-confirm_email_change-subject = Confirm your new e-mail address for { $shop }
letter-confirm_email_change-body = The owner of an account at { $shop } asked to use this e-mail address instead of { $old }.
letter-confirm_email_change-todo = If another message, sent to { $old }, asks you to agree, do that first. Then confirm here to complete the change. Until then, keep signing in with { $old }.
letter-confirm_email_change-effect = Your orders, memberships and subscriptions stay with your account.
letter-confirm_email_change-button = Confirm my new address
letter-confirm_email_change-not-you = If you did not ask for this, ignore this message: nothing changes.

## email_change_requested

letter-email_change_requested-subject = Your e-mail address is about to change
letter-email_change_requested-body = Someone signed in to your account at { $shop } asked to replace this address with { $new }.
letter-email_change_requested-todo = If it was you, you need not do anything with this message. If not, stop the change now.
letter-email_change_requested-button = Stop this change
letter-email_change_requested-until = You can do this until { $time }.

## approve_email_change

letter-approve_email_change-subject = Do you agree to a new e-mail address?
letter-approve_email_change-body = Someone signed in to your account at { $shop } asked to replace this address with { $new }. That happens only if you agree here.
letter-approve_email_change-todo = If it was you, agree. Then open the message that we sent to the new address.
letter-approve_email_change-button = I agree to the change
letter-approve_email_change-not-you = If it was not you, do not agree, and stop the change with the other message that we sent to this address.

## email_changed_old

letter-email_changed_old-subject = Your e-mail address was changed
letter-email_changed_old-body = The e-mail address of your account at { $shop } is now { $new }. You can no longer sign in with the address that this message was sent to.
letter-email_changed_old-todo = If it was you, there is nothing to do. If not, tell us now and we protect the account.
letter-email_changed_old-button = This was not me
letter-email_changed_old-until = You can do this until { $time }.

## email_changed_new

letter-email_changed_new-subject = Your { $shop } account now uses this address
letter-email_changed_new-body = This e-mail address replaces { $old }. From now on, sign in to { $shop } with it.
letter-email_changed_new-effect = Your orders, memberships and subscriptions stay with your account.

## email_change_cancelled

letter-email_change_cancelled-subject = The change of your e-mail address was cancelled
letter-email_change_cancelled-body = The change to { $new } was cancelled. The e-mail address of your account at { $shop } stays as it was.

## address_tried

letter-address_tried-subject = Someone asked to use your address for another account
letter-address_tried-body = Someone signed in to another account at { $shop } asked to move that account to this e-mail address. It belongs to your account, so nothing changed.
letter-address_tried-todo = If it was you: two accounts cannot share one address. Choose the account that you want to keep using. If not, you do not need to do anything.

## email_change_disputed

letter-email_change_disputed-subject = Your { $shop } account is protected for now
letter-email_change_disputed-body = Someone told us, from a mailbox of this account, that a change of its e-mail address was not theirs. Every device was signed out. Until { $time }, nobody who is signed in can change the e-mail address or the password.
letter-email_change_disputed-todo = If you are the owner of this account, open the link in our message about that change once more, in the mailbox of the earlier address: with the password that you had before the change and a new one, you have your account back at once. If you cannot, contact us: { $support }

## email_change_reverted

letter-email_change_reverted-subject = The earlier e-mail address of your { $shop } account is back
letter-email_change_reverted-body = The change of e-mail address was undone. The account uses { $old } again, with a new password, and every device was signed out.

## factors

letter-factor-totp = an authenticator app
letter-factor-backup_codes = backup codes

## bind_factor

letter-bind_factor-subject = Confirm the second step of your { $shop } account
letter-bind_factor-body = Someone signed in to your { $shop } account wants to add a second step: a code from an app, beside the password. It is added only with this link.
letter-bind_factor-button = Confirm the second step
letter-bind_factor-not-you = If it was not you, do not press the button: nothing is added. Somebody knows your password. Sign in and change it.

## factor_bound

letter-factor_bound-subject = A second step was added to your { $shop } account
letter-factor_bound-body = From now on, signing in takes a second step beside the password: { $factor }. Every other device was signed out.

## factor_removed

letter-factor_removed-subject = A second step was removed from your { $shop } account
letter-factor_removed-body = This no longer opens your account: { $factor }. Every other device was signed out.

## backup_codes_renewed

letter-backup_codes_renewed-subject = New backup codes for your { $shop } account
letter-backup_codes_renewed-body = New backup codes were issued. The earlier ones no longer work. Every other device was signed out.

## backup_code_used

letter-backup_code_used-subject = A backup code of your { $shop } account was used
letter-backup_code_used-body = A backup code was used. Codes that are left: { $left }
letter-backup_code_used-todo = In your account you can have new backup codes at any time.

## second_step_failed

letter-second_step_failed-subject = Someone has the password of your { $shop } account
letter-second_step_failed-body = Someone signed in with the right password and then gave a wrong code. They were not let in.
letter-second_step_failed-todo = If it was not you, sign in and change your password: somebody knows it.

## device_trusted

letter-device_trusted-subject = A device of your { $shop } account skips the second step
letter-device_trusted-body = Until { $time }, this device is not asked for a code when it signs in. It still needs the password.
