//! Changes of address.

use async_trait::async_trait;
use rightful_domain::accounts::{SecurityEpoch, Version};
use rightful_domain::email_change::{
    Approval, ChangeState, EmailChange, EmailChangeRecord, EmailChangeRepository,
};
use rightful_domain::ports::CommitError;
use rightful_domain::reason::Outage;
use rightful_domain::values::{AccountId, EmailChangeId, PasswordHash, Timestamp};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder,
};

use crate::Db;
use crate::commit::one;
use crate::entities::email_changes::{ActiveModel, Column, Entity, Model};
use crate::errors::{commit_error, corrupt, outage};
use crate::reading::{at, count, email};

#[async_trait]
impl EmailChangeRepository for Db {
    async fn find(&self, id: EmailChangeId) -> Result<Option<EmailChange>, Outage> {
        let row = Entity::find_by_id(id.as_uuid()).one(&self.read).await.map_err(outage)?;
        row.map(Model::into_change).transpose()
    }

    // A new request supersedes the one before, and an index keeps it so: the one that is unfinished is the
    // last.
    async fn find_unfinished(&self, account: AccountId) -> Result<Option<EmailChange>, Outage> {
        let found = Entity::find()
            .filter(Column::Account.eq(account.as_uuid()))
            .filter(Column::State.is_in(["pending", "undeliverable"]));
        let row = found.one(&self.read).await.map_err(outage)?;
        row.map(Model::into_change).transpose()
    }

    async fn find_last_confirmed(&self, account: AccountId) -> Result<Option<EmailChange>, Outage> {
        let last = Entity::find()
            .filter(Column::Account.eq(account.as_uuid()))
            .filter(Column::State.eq("confirmed"))
            .order_by_desc(Column::StateAt)
            .order_by_desc(Column::Id);
        let row = last.one(&self.read).await.map_err(outage)?;
        row.map(Model::into_change).transpose()
    }
}

pub(crate) async fn insert(
    tx: &DatabaseTransaction,
    change: &EmailChange,
) -> Result<(), CommitError> {
    let row = Model::of(change).into_active_model().reset_all();
    Entity::insert(row).exec_without_returning(tx).await.map_err(commit_error)?;
    Ok(())
}

pub(crate) async fn update(
    tx: &DatabaseTransaction,
    change: &EmailChange,
) -> Result<(), CommitError> {
    let row = Model::of(change);
    let record = change.record();
    let row = ActiveModel {
        id: NotSet,
        version: Set(record.version.next().number()),
        ..row.into_active_model().reset_all()
    };
    let done = Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(record.id.as_uuid()))
        .filter(Column::Version.eq(record.version.number()))
        .exec(tx)
        .await
        .map_err(commit_error)?;
    one(done.rows_affected)
}

const fn state_columns(state: ChangeState) -> (&'static str, Option<Timestamp>) {
    match state {
        ChangeState::Pending => ("pending", None),
        ChangeState::Confirmed { at } => ("confirmed", Some(at)),
        ChangeState::Superseded { at } => ("superseded", Some(at)),
        ChangeState::Cancelled { at } => ("cancelled", Some(at)),
        ChangeState::Undeliverable { at } => ("undeliverable", Some(at)),
        ChangeState::Disputed { at } => ("disputed", Some(at)),
        ChangeState::Reverted { at } => ("reverted", Some(at)),
    }
}

fn state_of(state: &str, since: Option<Timestamp>) -> Option<ChangeState> {
    Some(match (state, since) {
        ("pending", None) => ChangeState::Pending,
        ("confirmed", Some(at)) => ChangeState::Confirmed { at },
        ("superseded", Some(at)) => ChangeState::Superseded { at },
        ("cancelled", Some(at)) => ChangeState::Cancelled { at },
        ("undeliverable", Some(at)) => ChangeState::Undeliverable { at },
        ("disputed", Some(at)) => ChangeState::Disputed { at },
        ("reverted", Some(at)) => ChangeState::Reverted { at },
        _ => return None,
    })
}

const fn approval_columns(approval: Approval) -> (&'static str, Option<Timestamp>) {
    match approval {
        Approval::NotNeeded => ("not_needed", None),
        Approval::Awaited => ("awaited", None),
        Approval::Given { at } => ("given", Some(at)),
    }
}

fn approval_of(approval: &str, given_at: Option<Timestamp>) -> Option<Approval> {
    Some(match (approval, given_at) {
        ("not_needed", None) => Approval::NotNeeded,
        ("awaited", None) => Approval::Awaited,
        ("given", Some(at)) => Approval::Given { at },
        _ => return None,
    })
}

impl Model {
    fn of(change: &EmailChange) -> Self {
        let record = change.record();
        let (state, since) = state_columns(record.state);
        let (approval, approved_at) = approval_columns(record.approval);
        Self {
            id: record.id.as_uuid(),
            account: record.account.as_uuid(),
            old_email: record.old.as_str().to_owned(),
            new_email: record.new.as_str().to_owned(),
            state: state.to_owned(),
            state_at: since.map(Timestamp::as_millis),
            epoch: record.epoch.number(),
            password_then: record.password_then.as_phc().to_owned(),
            passwords_before: (!record.passwords_before.is_empty()).then(|| {
                let before = record.passwords_before.iter().map(PasswordHash::as_phc);
                before.collect::<Vec<_>>().join("\n")
            }),
            approval: approval.to_owned(),
            approved_at: approved_at.map(Timestamp::as_millis),
            requested_at: record.requested_at.as_millis(),
            deadline: record.deadline.as_millis(),
            letters: record.letters.into(),
            last_letter_at: record.last_letter_at.as_millis(),
            disputed_at: record.disputed_at.map(Timestamp::as_millis),
            version: record.version.number(),
        }
    }

    fn into_change(self) -> Result<EmailChange, Outage> {
        Ok(EmailChange::from_record(EmailChangeRecord {
            id: EmailChangeId::from_uuid(self.id),
            account: AccountId::from_uuid(self.account),
            old: email(&self.old_email, "email_changes.old_email")?,
            new: email(&self.new_email, "email_changes.new_email")?,
            state: state_of(&self.state, self.state_at.map(at))
                .ok_or_else(|| corrupt("email_changes.state"))?,
            epoch: SecurityEpoch::from_stored(self.epoch),
            password_then: PasswordHash::from_phc(self.password_then),
            passwords_before: self
                .passwords_before
                .iter()
                .flat_map(|text| text.lines())
                .map(|hash| PasswordHash::from_phc(hash.to_owned()))
                .collect(),
            approval: approval_of(&self.approval, self.approved_at.map(at))
                .ok_or_else(|| corrupt("email_changes.approval"))?,
            requested_at: at(self.requested_at),
            deadline: at(self.deadline),
            letters: count(self.letters, "email_changes.letters")?,
            last_letter_at: at(self.last_letter_at),
            disputed_at: self.disputed_at.map(at),
            version: Version::from_stored(self.version),
        }))
    }
}
