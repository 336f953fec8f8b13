"""Good inputs for every operation, of what the simulator's seeded tenant has, so that each can be tried there.

What ends something (closing, approving, declining) has a ticket of its own: all can be tried, one after the other.
"""

from collections.abc import Mapping
from typing import Any

_CALLBACK = "https://prod-00.westeurope.logic.azure.com/workflows/9f3c/triggers/manual/paths/invoke?sig=SIGNATURE"
_CONTACT_EMAIL, _APPROVER_EMAIL = "user1004@northwind.example", "user1103@lakeside.example"
_MEMBER_EMAIL = "niamh.walsh.13@msp.example"
_CHAT = "1782889200-4712"

USUAL: Mapping[str, Any] = {
    "ticketId": 10026,
    "contactId": 1004,
    "companyId": 203,
    "memberId": 13,
    "formId": "New starter",
    "resultId": 5000000002,
    "sessionId": _CHAT,
    "title": "Printer on level 2 prints blank pages",
    "text": "The toner has been replaced.",
    "company": "Contoso Freight",
    "contact": _CONTACT_EMAIL,
    "board": "Support",
    "form": "New starter",
    "callbackUrl": _CALLBACK,
}
"""Values for required fields by name: what an operation without inputs below is called with."""

INPUTS: Mapping[str, Mapping[str, Any]] = {
    # Tickets
    "CreateTicket": {
        "title": "Printer on level 2 prints blank pages",
        "description": "It began this morning. A new toner did not help.",
        "contact": _CONTACT_EMAIL,
        "requestType": "Printer problem",
        "board": "Support",
        "priority": "High",
    },
    "FindTickets": {"search": "printer", "isClosed": False, "take": 1},
    "CountTickets": {"by": "board", "isClosed": False},
    "GetWorkload": {"board": "Support"},
    "UpdateTicket": {"ticketId": 10026, "status": "In Progress", "assignedTo": [_MEMBER_EMAIL]},
    "CloseTicket": {"ticketId": 10055, "note": "A new cartridge is in; it prints in colour again."},
    "ReopenTicket": {"ticketId": 10009, "note": "It has come back."},
    "AssignTicket": {"ticketId": 10026, "assignedTo": [_MEMBER_EMAIL], "keepOthers": True},
    "AddTicketTags": {"ticketId": 10026, "tags": ["onboarding"]},
    "RemoveTicketTags": {"ticketId": 10003, "tags": ["onsite"]},
    # Many tickets
    "UpdateTickets": {"ticketIds": [10026, 10003], "priority": "High", "addTags": ["outage"]},
    "CloseTickets": {"where": {"search": "printer", "isClosed": False}, "note": "The outage is over."},
    "AddNotes": {"ticketIds": [10026], "text": "We are working on the outage.", "isInternal": True},
    # Notes, time, approvals, tasks
    "AddTicketNote": {
        "ticketId": 10026,
        "text": "The laptop has arrived; I set it up tomorrow.",
        "isInternal": False,
    },
    "RemoveContactFromUserGroup": {"contactId": 1004, "userGroup": "Managers"},
    "AddTicketForm": {"ticketId": 10026, "form": "New starter"},
    "AddTicketAttachment": {"ticketId": 10026, "name": "hello.txt", "content": "SGVsbG8=", "contentType": "text/plain"},
    "GetTicketAttachment": {"ticketId": 10001, "attachmentId": "file-1"},
    "ListTicketNotes": {"ticketId": 10003, "take": 2},
    "FindTimeEntries": {"period": "last_month", "onBehalfOf": _MEMBER_EMAIL, "take": 2},
    "AddTimeEntry": {
        "ticketId": 10026,
        "text": "Set up the laptop.",
        "startedAt": "2026-07-01T08:00:00Z",
        "hours": 0.75,
        "onBehalfOf": _MEMBER_EMAIL,
    },
    "ApproveTicket": {"ticketId": 10022, "onBehalfOf": _APPROVER_EMAIL, "comment": "Go ahead."},
    "DeclineTicket": {"ticketId": 10052, "onBehalfOf": _APPROVER_EMAIL, "comment": "Not in this budget year."},
    "FindTicketTaskTemplates": {"search": "onboarding"},
    "GetTicketTasks": {"ticketId": 10040},
    "CreateTicketTasks": {"ticketId": 10026, "templates": ["Onboarding"]},
    # People
    "FindContacts": {"search": "user", "company": "Contoso Freight", "take": 1},
    "CreateContact": {
        "firstName": "Robin",
        "lastName": "Hale",
        "email": "robin.hale@contoso.example",
        "company": "Contoso Freight",
        "phone": "+6491234567",
    },
    "FindOrCreateContact": {"email": _CONTACT_EMAIL},
    "UpdateContact": {"contactId": 1004, "phone": "+6491234567", "tags": ["finance"]},
    "FindCompanies": {"search": "Contoso"},
    "FindMembers": {"search": "Walsh"},
    "FindUserGroups": {"company": "Contoso Freight", "take": 2},
    "ListCompanyTeams": {"company": "Contoso Freight"},
    "AddContactToUserGroup": {"contactId": 1004, "userGroup": "Managers", "role": "guest", "onBehalfOf": _MEMBER_EMAIL},
    "SetUserGroupRole": {
        "contactId": 1004,
        "userGroup": "Everyone",
        "role": "manager",
        "onBehalfOf": _MEMBER_EMAIL,
    },
    "SetContactPermissions": {"contactId": 1004, "isApprover": True},
    # Forms, chats, messages
    "GetForm": {"formId": "Feedback", "onBehalfOf": _MEMBER_EMAIL},
    "GetTicketFormResult": {"ticketId": 10051, "onBehalfOf": _MEMBER_EMAIL},
    "FindFormResults": {"formId": "New starter", "take": 1, "onBehalfOf": _MEMBER_EMAIL},
    "ListFormFieldChoices": {"form": "New starter", "field": "needs_laptop"},
    "AddChatSystemMessage": {"sessionId": _CHAT, "text": "A colleague will join in a moment."},
    "InviteUsersToChat": {"sessionId": _CHAT, "members": [_MEMBER_EMAIL], "message": "Can you help here?"},
    "CreateContactNotification": {
        "contactId": 1004,
        "title": "Your laptop is ready",
        "message": "Pick it up at the service desk.",
        "ticketId": 10026,
    },
    "CreateMemberNotification": {
        "memberId": 13,
        "title": "A ticket waits for you",
        "message": "The new starter needs an account by Monday.",
        "ticketId": 10026,
    },
    "GenerateEmailFromTemplate": {
        "emailTemplate": "Welcome",
        "values": {"firstName": "Robin", "portalUrl": "https://support.deskdirector.com"},
    },
    "GetEmailTemplateSchema": {"emailTemplate": "Welcome"},
    # Lists
    "ListStatuses": {"board": "Support"},
    "ListWorkflows": {"type": "chat"},
    # Advanced actions and events, administration, raw requests
    "ListAdvancedActions": {"category": "Tickets"},
    "ListAdvancedActionOptions": {"category": "Service desk", "action": "findFreeMember"},
    "CallAdvancedAction": {"category": "Tickets", "action": "Copy a ticket", "input": {"ticketId": 10026}},
    "GetAdvancedActionRequestSchema": {"category": "Tickets", "action": "Copy a ticket"},
    "GetAdvancedActionResponseSchema": {"category": "Tickets", "action": "Copy a ticket"},
    "AdvancedEventTypesList": {"category": "Approvals"},
    "ListAdvancedEventOptions": {"category": "Approvals", "eventType": "approvalRequested"},
    "AdvancedEventResponseHandle": {
        "category": "Approvals",
        "eventType": "approvalRequested",
        "eventId": "event-500177",
        "response": {"decision": "approve"},
    },
    "GetAdvancedEventResponseSchema": {"category": "Approvals", "eventType": "approvalRequested"},
    "GetAdvancedEventFilterSchema": {"category": "Approvals", "eventType": "approvalRequested"},
    "GetSyncErrors": {"take": 1, "onBehalfOf": _MEMBER_EMAIL},
    "CreateUserKey": {"user": _MEMBER_EMAIL, "minutes": 15},
    "SendApiRequest": {"method": "GET", "path": "/api/v2/automate/connector/forms", "query": '{"take": 1}'},
    # Events
    "CreateTicketWorkflow": {"eventType": "Status changed", "board": "Support", "callbackUrl": _CALLBACK},
    "CreateChatWebhook": {"eventType": "New Chat Session", "callbackUrl": _CALLBACK},
    "SubscribeToWorkflow": {
        "workflowType": "Ticket workflow",
        "workflow": "A VIP opened a ticket",
        "callbackUrl": _CALLBACK,
    },
    "AdvancedEventSubscribe": {
        "category": "Approvals",
        "eventType": "approvalRequested",
        "callbackUrl": _CALLBACK,
    },
    "WhenWebhookFires": {"webhook": "approvals", "callbackUrl": _CALLBACK},
    "GetAdditionalFieldsSchema": {"operation": "CreateTicket"},
    "GetTicketEventSchema": {"eventType": "Status changed"},
    "GetTicketEventFilterSchema": {"eventType": "Status changed"},
    "GetChatEventFilterSchema": {"eventType": "New Chat Session"},
    "GetWorkflowFilterSchema": {"workflowType": "Ticket workflow", "workflow": "A VIP opened a ticket"},
    "WhenTicketIsCreated": {"board": "Support"},
    "WhenTicketIsUpdated": {"board": "Support"},
    "WhenFormIsSubmitted": {"form": "New starter", "onBehalfOf": _MEMBER_EMAIL},
    "WhenTimeEntryIsAdded": {"onBehalfOf": _MEMBER_EMAIL},
    "FindSurveyAnswers": {
        "surveyId": 7,
        "answeredAfter": "2026-01-01T00:00:00Z",
        "answeredBefore": "2027-01-01T00:00:00Z",
        "onBehalfOf": _MEMBER_EMAIL,
        "take": 2,
    },
    "WhenSurveyIsAnswered": {"surveyId": 7, "onBehalfOf": _MEMBER_EMAIL},
    "WhenNoteIsAdded": {"board": "Support", "noteBy": "contact"},
    "WhenTicketIsOverdue": {"board": "Support"},
    "WhenTicketWaits": {"hours": 4, "waitingFor": "us", "onBehalfOf": _MEMBER_EMAIL},
    "Unsubscribe": {"subscriptionId": "6f0c2d9f41f54d0c8a1a5c0b3f7e9d21", "token": "TOKEN"},
}
